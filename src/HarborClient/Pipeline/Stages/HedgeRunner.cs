namespace HarborClient.Pipeline.Stages;

/// <summary>One of two attempts that run beside each other.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Opening">Ends when its answer begins, or with what it failed with.</param>
internal readonly record struct HedgeRunner(Call Attempt, Task<UpdateReader> Opening);
