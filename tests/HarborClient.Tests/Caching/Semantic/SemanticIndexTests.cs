using System.Numerics.Tensors;
using HarborClient.Caching;

namespace HarborClient.Tests.Caching.Semantic;

// The index by itself: how true its rounded vectors are, what it forgets, and that threads may use it together.
public sealed class SemanticIndexTests
{
    private static readonly QuestionGuard Guard = QuestionGuard.Of("one question");
    private static readonly CacheKey Context = new(0, 1);

    [Theory]
    [InlineData(8)]
    [InlineData(384)]
    [InlineData(1_536)]
    public void Similarities_of_rounded_vectors_are_right_to_half_a_hundredth(int dimensions)
    {
        var random = new Random(dimensions);
        var index = new SemanticIndex(100);
        float[] asked = Direction(random, dimensions);
        float[][] kept = [.. Enumerable.Range(0, 50).Select(i => Mixed(asked, Direction(random, dimensions), i / 50f))];
        for (int i = 0; i < kept.Length; i++) index.Add(Context, QuestionVector.Of(kept[i], null)!, Entry(i));

        IReadOnlyList<SemanticMatch> found = index.Search(Context, QuestionVector.Of(asked, null)!, Guard, 0.5);

        found.Should().NotBeEmpty().And.BeInDescendingOrder(match => match.Similarity);
        foreach (SemanticMatch match in found)
            ((double)match.Similarity).Should().BeApproximately(TensorPrimitives.CosineSimilarity(asked, kept[(int)match.Entry.Key.Low - 100]), 0.005);
    }

    [Fact]
    public void Questions_of_another_context_model_or_size_are_not_found()
    {
        var index = new SemanticIndex(10);
        float[] vector = Direction(new Random(1), 16);
        index.Add(Context, QuestionVector.Of(vector, "a")!, Entry(0));

        index.Search(Context, QuestionVector.Of(vector, "a")!, Guard, 0.9).Should().HaveCount(1);
        index.Search(new CacheKey(0, 2), QuestionVector.Of(vector, "a")!, Guard, 0.9).Should().BeEmpty();
        index.Search(Context, QuestionVector.Of(vector, "b")!, Guard, 0.9).Should().BeEmpty();
        index.Search(Context, QuestionVector.Of(vector.AsSpan(0, 8), "a")!, Guard, 0.9).Should().BeEmpty();
    }

    [Fact]
    public void The_oldest_goes_and_the_same_question_takes_its_own_place()
    {
        var random = new Random(1);
        var index = new SemanticIndex(3);
        float[][] vectors = [.. Enumerable.Range(0, 5).Select(_ => Direction(random, 64))];
        for (int i = 0; i < 5; i++) index.Add(Context, QuestionVector.Of(vectors[i], null)!, Entry(i));
        index.Add(Context, QuestionVector.Of(vectors[2], null)!, Entry(2));

        index.Count.Should().Be(3);
        Enumerable.Range(0, 5).Where(i => index.Search(Context, QuestionVector.Of(vectors[i], null)!, Guard, 0.99).Count == 1).Should().Equal(2, 3, 4);
    }

    [Fact]
    public async Task Threads_add_remove_and_search_together_and_it_stays_whole()
    {
        var index = new SemanticIndex(50);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            for (int i = 0; i < 2_000; i++)
            {
                QuestionVector vector = QuestionVector.Of(Direction(random, 16), null)!;
                var context = new CacheKey(0, (ulong)random.Next(5));
                index.Add(context, vector, Entry(random.Next(200)));
                foreach (SemanticMatch match in index.Search(context, vector, Guard, 0.2))
                    if (random.Next(3) == 0) index.Remove(match.Entry);
            }
        }))).Guarded();

        index.Count.Should().BeInRange(1, 50);
        index.Clear();
        index.Count.Should().Be(0);
    }

    private static SemanticEntry Entry(int number) => new(new CacheKey(0, (ulong)(100 + number)), "chat:a/b:", null, Guard);

    private static float[] Direction(Random random, int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static float[] Mixed(float[] one, float[] other, float share) => [.. one.Zip(other, (a, b) => (a * (1 - share)) + (b * share))];
}
