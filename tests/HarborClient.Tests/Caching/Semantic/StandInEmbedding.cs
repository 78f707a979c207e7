using System.Text.RegularExpressions;

namespace HarborClient.Tests.Caching.Semantic;

// Embeds without a model. It knows some synonyms, as a good model does, and is as blind as they are, or more: common words, numbers, names and negations weigh little, opposites are the
// same, and the order of words is nothing. What it shows is what the guards hold back; how near paraphrases are to a real model it does not show.
internal sealed partial class StandInEmbedding : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int Dimensions = 384;

    private const string Light = """
        a an the is are was were be been do does did can could will would shall should may might must i me my we our you your he she it its they this that these those of in at on to for from by with as
        how what which who when where why whether if and or but so than there here please tell explain give show want like need know way best time say also just not no never without except
        dont doesn't don't isn't can't shouldn't wouldn't doesnt cant whats what's
        der die das den dem des ein eine einen kein keine ist sind wie was wo wer wann warum welche ich du er sie es wir mir mein meine dein kann können bitte nicht mit ohne von nach zu und denn sag nenne gibt für finde
        的 了 吗 呢 是 在 我 你 他 她 请 问 怎 么 样 如 何 什 可 以 要 想 给 把 个 这 那 哪 里 不 没 能 办 些 为 时 候
        """;

    private const string Classes = """
        fix repair | quickly fast quick | phone telephone | buy purchase kauf sell verkauf | big large | start launch | summary summarize | track follow | sorted sort | covered cover | needed need
        approve deny | enable disable | open close | increase decrease | encrypt decrypt | maximum minimum | before after | on off | advantages disadvantages | install uninstall | import export
        yesterday tomorrow today | oldest youngest | lock unlock | legal illegal | best worst | aktiviere deaktiviere | vorteile nachteile | zurücksetzen zurück setze | attack attacked
        启 禁 | 批 拒 | 准 绝 | 今 明 | 甲 乙 | 英 中
        """;

    private static readonly HashSet<string> LightWords = [.. Light.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    private static readonly Dictionary<string, string> Concepts = Classes.Split((char[])['|', '\n'])
        .Select(words => words.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0).SelectMany(words => words.Select(word => (word, words[0]))).DistinctBy(pair => pair.word).ToDictionary();

    public int Calls { get; private set; }

    public static float[] Embed(string text)
    {
        var vector = new float[Dimensions];
        foreach (Match match in Word().Matches(text))
        {
            string word = match.Value.ToLowerInvariant();
            string concept = Concepts.GetValueOrDefault(word, word);
            bool isName = char.IsUpper(match.Value[0]) && match.Index > 0;
            float weight = LightWords.Contains(word) ? 0.05f : char.IsDigit(word[0]) ? 0.15f : isName ? 0.3f : 1;
            Add(vector, Stem(concept), weight);
        }

        return vector;
    }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(value => new Embedding<float>(Embed(value)) { ModelId = "stand-in" })));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    // A direction of its own for every word: the same in every run.
    private static void Add(float[] vector, string word, float weight)
    {
        int seed = word.Aggregate(17, (sum, character) => unchecked((sum * 31) + character));
        var random = new Random(seed);
        for (int i = 0; i < vector.Length; i++) vector[i] += weight * (random.Next(2) == 0 ? 1 : -1) / MathF.Sqrt(Dimensions);
    }

    private static string Stem(string word)
    {
        foreach (string ending in (string[])["ing", "ed", "s"])
            if (word.Length > ending.Length + 3 && word.EndsWith(ending, StringComparison.Ordinal)) return word[..^ending.Length];
        return word;
    }

    [GeneratedRegex(@"[\u3400-\u9FFF]|[\p{L}\p{Nd}'_-]+")]
    private static partial Regex Word();
}
