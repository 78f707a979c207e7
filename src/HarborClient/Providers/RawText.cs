namespace HarborClient.Providers;

/// <summary>The inside of a JSON string, as it stands in an event.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is, in bytes.</param>
/// <param name="IsEscaped">Whether it has escapes.</param>
internal readonly record struct RawText(int Start, int Length, bool IsEscaped);
