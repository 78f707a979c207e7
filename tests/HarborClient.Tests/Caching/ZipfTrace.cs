namespace HarborClient.Tests.Caching;

// Questions as people ask them: the n-th most popular is asked 1/n times as often as the most popular (s = 1.0). The same seed asks the same.
internal static class ZipfTrace
{
    public const int Questions = 10_000;
    public const int Calls = 100_000;
    public const int Room = 2_000;

    public static int[] Make(int seed)
    {
        var random = new Random(seed);
        var upTo = new double[Questions];
        double sum = 0;
        for (int i = 0; i < Questions; i++) upTo[i] = sum += 1.0 / (i + 1);

        var calls = new int[Calls];
        for (int i = 0; i < calls.Length; i++)
        {
            int found = Array.BinarySearch(upTo, random.NextDouble() * sum);
            calls[i] = Math.Min(found < 0 ? ~found : found, Questions - 1);
        }

        return calls;
    }

    // How many calls a cache answers that holds the most popular questions from the beginning, as many as there is room for: what no online policy can know.
    public static int HitsOfTheForeknowing(int[] calls) => calls.CountBy(question => question).Select(question => question.Value).OrderDescending().Take(Room).Sum();
}
