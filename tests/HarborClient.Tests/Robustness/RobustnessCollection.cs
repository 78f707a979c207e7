namespace HarborClient.Tests.Robustness;

// Long tests that use every core: they run by themselves, after the others.
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RobustnessCollection
{
    public const string Name = "Robustness";
}
