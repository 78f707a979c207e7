namespace HarborClient;

/// <summary>An object in an image. Immutable.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Confidence">How sure the model is; 0 to 1.</param>
public sealed record DetectedObject(string Name, double Confidence);
