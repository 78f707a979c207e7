using HarborClient.Caching;

namespace HarborClient.Tests.Caching.Semantic;

// What two questions may differ in, and what not, whatever their embeddings say.
public sealed class QuestionGuardTests
{
    [Theory]
    [InlineData("How do I reset it?", "how can i reset it")]
    [InlineData("What is the capital of France?", "tell me the capital of france")]
    [InlineData("Give me 3 ideas", "Give me three ideas")]
    [InlineData("Wie kann man ein Konto löschen?", "Wie kann ich bitte mein Konto löschen?")]
    [InlineData("如何重置密码？", "请问怎么重置密码")]
    [InlineData("How do I scale up?", "How do I scale?")]
    public void Questions_that_differ_in_common_words_or_case_agree(string one, string other) => AgreeBothWays(one, other).Should().BeTrue();

    [Theory]
    [InlineData("Print \"Hello\"", "Print \"hello\"")]
    [InlineData("Send it to 'anna'", "Send it to 'berta'")]
    [InlineData("Is version 10.0.14 out?", "Is version 10.0.41 out?")]
    [InlineData("It is -5 outside", "It is 5 outside")]
    [InlineData("a < b?", "a > b?")]
    [InlineData("costs $5", "costs €5")]
    [InlineData("don't restart it", "restart it")]
    [InlineData("Don’t restart it", "Restart it")]
    [InlineData("Does the US pay?", "Does us pay?")]
    [InlineData("git push this", "git pull this")]
    [InlineData("what is his name", "what is her name")]
    [InlineData("move from a drawer to the box", "move to the box from a drawer")]
    [InlineData("谁批准了？", "谁没批准？")]
    [InlineData("左边的门", "右边的门")]
    public void Questions_that_differ_in_what_counts_do_not(string one, string other) => AgreeBothWays(one, other).Should().BeFalse();

    [Fact]
    public void Any_text_has_a_guard_that_agrees_with_itself()
    {
        var random = new Random(1);
        for (int i = 0; i < 2_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => (char)(random.Next(4) == 0 ? random.Next(0x10000) : random.Next(0x20, 0x80))));

            QuestionGuard.Of(text).Agrees(QuestionGuard.Of(text)).Should().BeTrue("{0}", text);
        }
    }

    private static bool AgreeBothWays(string one, string other)
    {
        bool there = QuestionGuard.Of(one).Agrees(QuestionGuard.Of(other));
        QuestionGuard.Of(other).Agrees(QuestionGuard.Of(one)).Should().Be(there, "it is the same either way");
        return there;
    }
}
