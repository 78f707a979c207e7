namespace HarborClient;

/// <summary>What CodeGeeX4's <c>/generate</c> answers: <c>{ code }</c>. Immutable.</summary>
/// <param name="Code">The code.</param>
public sealed record CodeGenerationResult(string Code);
