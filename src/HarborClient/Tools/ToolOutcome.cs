using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>How one function call went.</summary>
/// <param name="Result">What the model is told.</param>
/// <param name="IsFailure">Whether it counts towards <see cref="ToolInvocationOptions.MaximumConsecutiveErrors"/>.</param>
/// <param name="Terminates">Whether the function ended the loop.</param>
internal readonly record struct ToolOutcome(FunctionResultContent Result, bool IsFailure, bool Terminates = false);
