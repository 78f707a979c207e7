// These tests measure times, start programs and build: at the same time they would only disturb each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: TestCollectionOrderer("HarborClient.Tests.LastCollection", "HarborClient.IntegrationTests")]
