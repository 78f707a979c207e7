namespace HarborClient.Providers.OpenAICompatible;

/// <summary>One entry of <c>tool_calls</c>, as far as the host filled it in.</summary>
internal struct ToolCallFragment
{
    internal long? Index;
    internal string? Id;
    internal string? Name;
    internal ReadOnlyMemory<byte> Arguments;
}
