using Xunit.Abstractions;

namespace HarborClient.Tests;

// Runs when all other tests have run: alone, which comes after those in parallel, and behind the others that run alone.
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LastCollection : ITestCollectionOrderer
{
    public const string Name = "Last";

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName == Name).ThenBy(collection => collection.UniqueID);
}
