namespace HarborClient.Pipeline;

/// <summary>A stretch of an answer of one kind, in the order of arrival: a range of the fold's bytes, with the annotations or the protected data that belong to it; or an object.</summary>
internal readonly record struct AnswerRun(HarborUpdateKind Kind, int Start, int Length, object? Value);
