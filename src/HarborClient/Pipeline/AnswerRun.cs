namespace HarborClient.Pipeline;

/// <summary>A stretch of an answer of one kind, in the order of arrival: a range of the fold's bytes, or an object.</summary>
internal readonly record struct AnswerRun(HarborUpdateKind Kind, int Start, int Length, object? Value);
