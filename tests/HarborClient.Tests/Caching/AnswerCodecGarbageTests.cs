using HarborClient.Caching;

namespace HarborClient.Tests.Caching;

// What a shared cache gives back may be anything: it is a miss or an answer, throws nothing, and costs no more memory than it is long.
public sealed class AnswerCodecGarbageTests
{
    // Objects of a few bytes on the wire take up to a hundred in memory.
    private const int MostBytesForOne = 150;

    private static readonly byte[] Sample = AnswerCodec.Write(SampleAnswers.Full());

    [Fact]
    public void Every_truncation_is_a_miss()
    {
        for (int length = 0; length < Sample.Length; length++) AnswerCodec.Read(Sample.AsSpan(0, length)).Should().BeNull("{0} bytes of {1}", length, Sample.Length);
    }

    [Fact]
    public void Bytes_behind_the_end_are_a_miss()
    {
        AnswerCodec.Read([.. Sample, 0]).Should().BeNull();
    }

    [Fact]
    public void Every_change_of_one_byte_is_a_miss_or_an_answer()
    {
        int misses = 0, answers = 0;
        for (int at = 0; at < Sample.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] spoilt = [.. Sample];
                spoilt[at] = (byte)value;
                if (IsAnswer(spoilt)) answers++;
                else misses++;
            }
        }

        TestReport.Add($"cache codec: {Sample.Length} bytes with every change of one: {misses} misses, {answers} answers, no exception");
        misses.Should().BePositive();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Ten_thousand_random_inputs_are_misses_or_answers(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 10_000; i++)
        {
            var bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            if (bytes.Length > 0) bytes[0] = 1;

            // Half of them small numbers, which lead further than large ones.
            if (i % 2 == 0) for (int at = 1; at < bytes.Length; at++) bytes[at] %= 5;
            IsAnswer(bytes);
        }
    }

    [Fact]
    public void Lengths_and_counts_that_the_bytes_do_not_back_up_take_no_memory()
    {
        // The head, and then two billion of something.
        byte[] huge = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        byte[] head = [1, 1, (byte)'p', 1, (byte)'m', 0, 0, 0];
        byte[][] inputs =
        [
            [1, .. huge],
            [1, 1, (byte)'p', .. huge],
            [.. head, 0, .. huge],
            [.. head, 0, 1, 0, .. huge],
            [.. head, 0, 1, 0, 0, 1, .. huge],
            [.. head, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, .. huge],
            [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        ];

        foreach (byte[] input in inputs) IsAnswer(input).Should().BeFalse();
    }

    [Fact]
    public void Millions_of_tiny_things_are_a_miss_before_they_take_memory()
    {
        // 3,000,000 empty runs in nine million bytes: what a hostile cache sends to have objects made of it.
        byte[] bytes = [1, 0, 0, 0, 0, 0, 0, 0xC0, 0x8D, 0xB7, 0x01, .. new byte[9_000_000]];

        long before = GC.GetAllocatedBytesForCurrentThread();
        AnswerCodec.Read(bytes).Should().BeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100_000);
    }

    private static bool IsAnswer(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        StoredAnswer? answer = AnswerCodec.Read(bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        allocated.Should().BeLessThan(20_000 + (bytes.Length * MostBytesForOne));
        if (answer is null) return false;

        // Of an answer everything can be asked for.
        answer.Runs.Sum(run => run.Text.Length).Should().BeGreaterThanOrEqualTo(0);
        AnswerCodec.Write(answer).Should().NotBeNull();
        return true;
    }
}
