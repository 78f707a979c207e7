using System.Text.RegularExpressions;

[assembly: TestCollectionOrderer("HarborClient.Tests.LastCollection", "HarborClient.Tests")]

namespace HarborClient.Tests.Architecture;

// KeyWatch knows a key by its mark, so every key has one.
public sealed partial class TestKeyTests
{
    // Keys that are wrong on purpose, one that is too short for the mark, and that of a README's example.
    private static readonly string[] Unmarked = ["", "  ", "no-dot", "sk-secret", "some-id.S3cret-77", "test-key"];

    [Fact]
    public void Every_key_of_a_test_can_be_recognised()
    {
        (string File, string Key)[] keys = [.. Repository.SourceFiles("tests")
            .SelectMany(file => GivenKey().Matches(File.ReadAllText(Path.Combine(Repository.Root, file))).Select(match => (file, match.Groups["key"].Value)))];

        keys.Should().HaveCountGreaterThan(60, "otherwise they are written in a way that this test does not know");
        keys.Where(found => !found.Key.Contains(KeyWatch.Mark, StringComparison.Ordinal) && !Unmarked.Contains(found.Key)).Should().BeEmpty("a key of a test holds '{0}'", KeyWatch.Mark);
    }

    [GeneratedRegex("""
        \b(?:Add(?:OpenAI|Claude|Gemini|Zhipu)\(|AddAzureOpenAI\(new Uri\("[^"]*"\), |Keys\.Add\(|Keys:\d+"(?:\] =|,) )\$?"(?<key>[^"]*)"|Credential\(.*(?:FromResult|ValueTask<string>)\("(?<key>[^"]*)"|\bKey = "(?<key>[^"]*)";
        """)]
    private static partial Regex GivenKey();
}
