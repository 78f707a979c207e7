using System.Text.Json;
using HarborClient.Caching;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Caching;

public sealed class AnswerCodecTests
{
    [Fact]
    public void An_answer_with_everything_comes_back_as_it_was()
    {
        StoredAnswer answer = SampleAnswers.Full();

        StoredAnswer read = AnswerCodec.Read(AnswerCodec.Write(answer))!;

        (read.Provider, read.TargetModel, read.Model, read.FinishReason).Should().Be((answer.Provider, answer.TargetModel, answer.Model, answer.FinishReason));
        read.CreatedAt!.Value.EqualsExact(answer.CreatedAt!.Value).Should().BeTrue();
        read.Usage.Should().BeEquivalentTo(answer.Usage);
        read.Runs.Should().HaveSameCount(answer.Runs);
        foreach ((StoredRun run, StoredRun original) in read.Runs.Zip(answer.Runs))
        {
            run.Kind.Should().Be(original.Kind);
            run.Utf8.ToArray().Should().Equal(original.Utf8.ToArray());
            if (run.Value is ToolCallHead head) ShouldBeAlike(head, (ToolCallHead)original.Value!);
            else run.Value.Should().BeEquivalentTo(original.Value);
        }
    }

    [Fact]
    public void An_answer_with_nothing_comes_back_as_it_was()
    {
        StoredAnswer read = AnswerCodec.Read(AnswerCodec.Write(SampleAnswers.Bare()))!;

        (read.Provider, read.TargetModel, read.Model, read.CreatedAt, read.FinishReason, read.Usage).Should().Be(("", "", null, null, null, null));
        read.Runs.Should().BeEmpty();
    }

    [Fact]
    public void Every_count_of_usage_has_a_place()
    {
        // A count that the abstractions add later must not be lost without notice.
        IEnumerable<string> known = typeof(UsageDetails).GetProperties().Where(property => property.PropertyType == typeof(long?)).Select(property => property.Name);

        foreach (string name in known)
        {
            var usage = new UsageDetails();
            typeof(UsageDetails).GetProperty(name)!.SetValue(usage, 42L);
            StoredAnswer read = AnswerCodec.Read(AnswerCodec.Write(new StoredAnswer { Provider = "p", TargetModel = "m", Runs = [], Usage = usage }))!;
            typeof(UsageDetails).GetProperty(name)!.GetValue(read.Usage).Should().Be(42L, "{0}", name);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void An_answer_that_the_format_has_no_place_for_is_not_written(int which)
    {
        StoredRun run = which switch
        {
            0 => SampleAnswers.Run(HarborUpdateKind.Content, "", new TextContent("whole")),
            1 => SampleAnswers.Run(HarborUpdateKind.Text, "text", "what is this"),
            2 => SampleAnswers.Run(HarborUpdateKind.Reasoning, "", new TextReasoningContent(null)),
            3 => SampleAnswers.Run(HarborUpdateKind.ToolCall, "{}"),
            _ => SampleAnswers.Run(HarborUpdateKind.ToolCall, "{}", new ToolCallHead("1", "f") { Properties = new() { ["own"] = new Uri("https://example.com") } }),
        };

        AnswerCodec.CanWrite(new StoredAnswer { Provider = "p", TargetModel = "m", Runs = [run] }).Should().BeFalse();
    }

    [Fact]
    public void A_later_version_is_a_miss()
    {
        byte[] bytes = AnswerCodec.Write(SampleAnswers.Full());
        bytes[0]++;

        AnswerCodec.Read(bytes).Should().BeNull();
    }

    [Fact]
    public void No_answer_takes_more_than_a_few_bytes_beside_its_text()
    {
        string text = new('x', 3_000);

        AnswerCodec.Write(SampleAnswers.Of(text)).Length.Should().BeLessThan(text.Length + 40);
    }

    private static void ShouldBeAlike(ToolCallHead head, ToolCallHead original)
    {
        (head.CallId, head.Name).Should().Be((original.CallId, original.Name));
        Shown(head).Should().Equal(Shown(original));

        static IEnumerable<string>? Shown(ToolCallHead head) => head.Properties?.Select(pair => $"{pair.Key} is {(pair.Value is JsonElement json ? "JSON " + json.GetRawText() : $"{pair.Value?.GetType().Name} {pair.Value}")}");
    }
}
