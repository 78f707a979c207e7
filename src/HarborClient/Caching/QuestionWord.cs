namespace HarborClient.Caching;

/// <summary>A word of a question.</summary>
/// <param name="Lower">In small letters, without a possessive ending.</param>
/// <param name="HasDigit">Whether it is a number, or has one in it.</param>
/// <param name="IsName">Whether it is written as a name or an abbreviation is.</param>
internal readonly record struct QuestionWord(string Lower, bool HasDigit, bool IsName);
