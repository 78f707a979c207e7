using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>What becomes of one function call: the function runs, or the model is told why not.</summary>
/// <param name="Call">The model's call.</param>
/// <param name="Function">What runs; null when it does not.</param>
/// <param name="Answer">What the model is told when nothing runs.</param>
/// <param name="IsFailure">Whether not running it is a failure of the model's.</param>
internal readonly record struct PlannedCall(FunctionCallContent Call, AIFunction? Function, string? Answer = null, bool IsFailure = false);
