using HarborClient.Providers.ZhipuLocal;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>Typed calls of services that people run beside Zhipu's open models; each is one <see cref="FastClient.InvokeAsync"/>.</summary>
public static class ZhipuLocalExtensions
{
    /// <summary>Has code written by CodeGeeX4's <c>/generate</c>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="request">What the code is to do.</param>
    /// <param name="service">The service, or an alias for several.</param>
    /// <param name="options">Only its HarborClient settings count.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The code.</returns>
    /// <exception cref="HarborException">The call failed; see <see cref="HarborException.Kind"/>.</exception>
    public static Task<CodeGenerationResult> GenerateCodeAsync(
        this FastClient client, CodeGenerationRequest request, string service = "zhipu-local/codegeex4/generate", ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        return client.InvokeAsync(service, request, ZhipuLocalJson.Default.CodeGenerationRequest, ZhipuLocalJson.Default.CodeGenerationResult, options, cancellationToken);
    }

    /// <summary>Has an image looked at by CogAgent's <c>/analyze</c>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="request">The image and what is to be done with it.</param>
    /// <param name="service">The service, or an alias for several.</param>
    /// <param name="options">Only its HarborClient settings count.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What was found; what the task does not ask for is empty.</returns>
    /// <exception cref="HarborException">The call failed; see <see cref="HarborException.Kind"/>.</exception>
    public static Task<ImageAnalysis> AnalyzeImageAsync(
        this FastClient client, ImageAnalysisRequest request, string service = "zhipu-local/cogagent/analyze", ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        return client.InvokeAsync(service, request, ZhipuLocalJson.Default.ImageAnalysisRequest, ZhipuLocalJson.Default.ImageAnalysis, options, cancellationToken);
    }
}
