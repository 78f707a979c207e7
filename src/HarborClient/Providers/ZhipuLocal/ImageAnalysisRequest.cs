namespace HarborClient;

/// <summary>What CogAgent's <c>/analyze</c> is asked: <c>{ image_url, task }</c>. Immutable.</summary>
/// <param name="ImageUrl">An address or a data URI.</param>
/// <param name="Task">What is to be done with the image.</param>
public sealed record ImageAnalysisRequest(string ImageUrl, ImageAnalysisTask Task);
