using System.Text.Json.Serialization.Metadata;
using HarborClient.Edge;
using HarborClient.Pipeline;
using HarborClient.Services;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <content>Services that are no chat: a service's own JSON, and images.</content>
public sealed partial class FastClient
{
    /// <summary>Sends a service its own JSON, through the same pipeline as a chat: clocks, failover, typed errors, telemetry.</summary>
    /// <typeparam name="TIn">What is sent.</typeparam>
    /// <typeparam name="TOut">What comes back.</typeparam>
    /// <param name="service">
    /// <c>provider/path</c>, as in <c>zhipu-local/codegeex4/generate</c>: the path below the provider's Endpoint, escaped segment by segment; or an alias of
    /// <see cref="HarborBuilder.MapModel(string, string[])"/> for several of them.
    /// </param>
    /// <param name="input">Written as JSON and sent with POST.</param>
    /// <param name="inputType">How the input is written, from a source-generated context.</param>
    /// <param name="outputType">How the answer is read.</param>
    /// <param name="options">Only its HarborClient settings count (<see cref="HarborChatOptions"/>, or <c>harbor.*</c> keys).</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer.</returns>
    /// <remarks>The answer has to be one JSON text of at most <see cref="TransportOptions.MaxAnswerBytes"/>; a stream of events is refused. The Connect and Total clocks run.</remarks>
    /// <exception cref="HarborException">The call failed; the answer is not that JSON (<see cref="ErrorKind.Provider"/>, with its place); the input cannot be written (<see cref="ErrorKind.InvalidRequest"/>).</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; it carries the caller's token.</exception>
    public Task<TOut> InvokeAsync<TIn, TOut>(
        string service, TIn input, JsonTypeInfo<TIn> inputType, JsonTypeInfo<TOut> outputType, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        ArgumentNullException.ThrowIfNull(inputType);
        ArgumentNullException.ThrowIfNull(outputType);
        return RunInvokeAsync(service, input, inputType, outputType, options, cancellationToken);
    }

    /// <summary>Makes images, at once.</summary>
    /// <param name="model">The model as <c>zhipu/cogview-4</c>, a service of one's own (<see cref="ZhipuLocalServiceOptions.Image"/>), or an alias.</param>
    /// <param name="request">What they show.</param>
    /// <param name="options">Only its HarborClient settings count.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The images, or links to them that expire.</returns>
    /// <exception cref="HarborException">The call failed; see <see cref="HarborException.Kind"/>. A provider without images is <see cref="ErrorKind.InvalidRequest"/>.</exception>
    public Task<ImageResult> GenerateImageAsync(string model, ImageRequest request, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(request);
        return RunImageAsync(model, request, options, cancellationToken);
    }

    private async Task<TOut> RunInvokeAsync<TIn, TOut>(
        string service, TIn input, JsonTypeInfo<TIn> inputType, JsonTypeInfo<TOut> outputType, ChatOptions? options, CancellationToken cancellationToken)
    {
        var sent = new ServiceInput(ServiceKind.Own, ServiceAnswers.Write(service, input, inputType));
        (Call call, PipelineStage pipeline) = _calls.BeginService(CallOperation.Invoke, service, sent, options, cancellationToken);
        return await PlainEdge.RunAsync(call, pipeline, done => ServiceAnswers.Read(done, outputType)).ConfigureAwait(false);
    }

    private async Task<ImageResult> RunImageAsync(string model, ImageRequest request, ChatOptions? options, CancellationToken cancellationToken)
    {
        var sent = new ServiceInput(ServiceKind.Image, request.ToJson());
        (Call call, PipelineStage pipeline) = _calls.BeginService(CallOperation.Image, model, sent, options, cancellationToken);
        return await PlainEdge.RunAsync(
            call,
            pipeline,
            done => new ImageResult(ServiceAnswers.PayloadOf<List<AIContent>>(done), DownloaderOf(done.AnsweringTarget, done.Settings.TotalTimeout, new JobOptions().MaxDownloadBytes))).ConfigureAwait(false);
    }

    private Downloader DownloaderOf(Target target, TimeSpan total, long maxBytes) => new(_providers[target.Provider], target, _calls.Services, total, maxBytes);
}
