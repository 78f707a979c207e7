namespace HarborClient.Benchmarks.Upstream;

/// <summary>What a fixed stream consists of.</summary>
internal enum StreamKind
{
    /// <summary>200 pieces of text, a fifth of them with escapes or CJK.</summary>
    Text,

    /// <summary>One tool call whose arguments come in 200 pieces.</summary>
    Tools,

    /// <summary>150 pieces of reasoning, then 50 of text.</summary>
    Reasoning,
}
