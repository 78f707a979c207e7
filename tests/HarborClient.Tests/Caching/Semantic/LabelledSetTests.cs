using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using HarborClient.Caching;
using HarborClient.Tests.Architecture;

namespace HarborClient.Tests.Caching.Semantic;

// How often questions that may share an answer do, and how often others would. With the stand-in embedding the figures are of the guards, and of no model.
// docs/semantic-cache.md is printed from them. After a change that is meant:
//     HARBOR_APPROVE=1 dotnet test tests/HarborClient.Tests --filter LabelledSetTests
public sealed class LabelledSetTests
{
    private const string File = "docs/semantic-cache.md";

    private static readonly double Default = new SemanticCacheOptions().Threshold;

    [Fact]
    public void The_set_has_enough_pairs_of_every_kind()
    {
        LabelledQuestions.All.Should().HaveCountGreaterThanOrEqualTo(120);
        LabelledQuestions.Paraphrases.Should().HaveCountGreaterThanOrEqualTo(50);
        LabelledQuestions.NearMisses.GroupBy(pair => pair.Kind).Should().OnlyContain(kind => kind.Count() >= 5).And.HaveCountGreaterThanOrEqualTo(5);
    }

    [Fact]
    public void At_the_default_threshold_at_most_one_in_a_hundred_near_misses_is_taken_for_the_same()
    {
        Share(LabelledQuestions.NearMisses, Default, isGuarded: true).Should().BeLessThanOrEqualTo(0.01);
        Share(LabelledQuestions.NearMisses, Default, isGuarded: false).Should().BeGreaterThan(0.5, "otherwise the set says nothing of the guards");
        Share(LabelledQuestions.Paraphrases, Default, isGuarded: true).Should().BeGreaterThan(0.8);
    }

    [Fact]
    public void Every_near_miss_of_a_guarded_kind_is_held_back_by_the_guards_alone()
    {
        IEnumerable<LabelledPair> through = LabelledQuestions.NearMisses.Where(pair => pair.Kind != "topic" && Agree(pair));

        through.Should().BeEmpty();
    }

    [Fact]
    public void The_page_shows_the_figures()
    {
        string page = Page();
        string path = Path.Combine(Repository.Root, File);
        if (Environment.GetEnvironmentVariable("HARBOR_APPROVE") == "1") System.IO.File.WriteAllText(path, page);
        foreach (string row in Rows()) TestReport.Add("semantic cache, labelled set: " + row);

        System.IO.File.ReadAllText(path).ReplaceLineEndings("\n").Should().Be(page, "{0} is generated: run this test with HARBOR_APPROVE=1", File);
    }

    private static string Page()
    {
        var page = new StringBuilder();
        page.Append("""
            # Questions that mean the same

            `UseSemanticCache` has a call in Full answered as an earlier question was, where the very same request was not kept. Everything but the last question has to be the same to the byte. Of the
            questions that are left, the nearest by embedding counts, if it is as near as `Threshold` says, nearer by `Margin` than any with another answer, and nothing says that the two differ.
            These are the guards: numbers, units, negations, quotations and symbols are the same; every name is in both; words that both have come in the same order; and no two words stand
            against each other, such as approve and deny. They know the words of English, German and Chinese that are listed in `GuardWords`; what is not listed there is left to the embedding.

            The figures are of the labelled pairs in `LabelledQuestions`, written for this, with an embedding that is no model: it knows some synonyms, weighs names, numbers and
            negations little, takes opposites for the same, and does not see the order of words. So they show what the guards hold back when the embedding sees nothing, and what they cost in hits.
            They do not show how near real paraphrases are to a real model, nor how the guards do with sentences that nobody thought of here; the guards were written with this set at hand. The default
            threshold is a careful one for the models that are common; try yours on questions of your own, and lower it only then.


            """.ReplaceLineEndings("\n"));
        foreach (string row in Rows()) page.Append(row).Append('\n');
        page.Append(CultureInfo.InvariantCulture, $"\nAt the default of {Default}, by kind:\n\n| kind | pairs | hits | hits without guards |\n|---|---|---|---|\n");
        foreach (IGrouping<string, LabelledPair> kind in LabelledQuestions.All.GroupBy(pair => pair.Kind))
            page.Append(CultureInfo.InvariantCulture, $"| {kind.Key} | {kind.Count()} | {Hits([.. kind], isGuarded: true)} | {Hits([.. kind], isGuarded: false)} |\n");
        return page.Append("\nAll hits of another kind than `same` are false ones.\n").ToString();
    }

    private static IEnumerable<string> Rows()
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"| threshold | hits of {LabelledQuestions.Paraphrases.Count} paraphrases | without guards | false hits of {LabelledQuestions.NearMisses.Count} near misses | without guards |");
        yield return "|---|---|---|---|---|";
        foreach (double threshold in (double[])[0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99])
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"| {threshold} | {100 * Share(LabelledQuestions.Paraphrases, threshold, true):F1} % | {100 * Share(LabelledQuestions.Paraphrases, threshold, false):F1} % | {100 * Share(LabelledQuestions.NearMisses, threshold, true):F1} % | {100 * Share(LabelledQuestions.NearMisses, threshold, false):F1} % |");
        }
    }

    private static int Hits(IReadOnlyList<LabelledPair> pairs, bool isGuarded) => pairs.Count(pair => IsNear(pair, Default) && (!isGuarded || Agree(pair)));

    private static double Share(IReadOnlyList<LabelledPair> pairs, double threshold, bool isGuarded) =>
        (double)pairs.Count(pair => IsNear(pair, threshold) && (!isGuarded || Agree(pair))) / pairs.Count;

    private static bool IsNear(LabelledPair pair, double threshold) => TensorPrimitives.CosineSimilarity(StandInEmbedding.Embed(pair.One), StandInEmbedding.Embed(pair.Other)) >= threshold;

    // As the index asks: the new question's guard about the kept one's.
    private static bool Agree(LabelledPair pair) => QuestionGuard.Of(pair.Other).Agrees(QuestionGuard.Of(pair.One));
}
