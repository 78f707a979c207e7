using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using HarborClient.Errors;
using HarborClient.Pipeline;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>Runs a call to its end and shows it as one result.</summary>
internal static class PlainEdge
{
    internal static ValueTask<HarborChatResponse> RunChatAsync(Call call, PipelineStage pipeline) => RunAsync(call, pipeline, ResponseOf);

    internal static ValueTask<EmbeddingResult> RunEmbeddingsAsync(Call call, PipelineStage pipeline) => RunAsync(call, pipeline, static call =>
    {
        float[][] vectors = call.Fold.Payload as float[][]
            ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "A stage (AddStage) answered an embedding call without its payload: one update of kind Payload with a float[][] has to pass.");
        return new EmbeddingResult(vectors, call.Fold.Usage, call.Fold.Identity?.Model, CallInfo.Of(call));
    });

    internal static ValueTask<long> RunCountAsync(Call call, PipelineStage pipeline) => RunAsync(call, pipeline, static call => call.Fold.Payload as long?
        ?? throw ErrorFactory.Setting(ErrorKind.Configuration, "A stage (AddStage) answered a token count without its payload: one update of kind Payload with a long has to pass."));

    /// <summary>Runs a call, and makes its result before the call ends.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal static async ValueTask<TResult> RunAsync<TResult>(Call call, PipelineStage pipeline, Func<Call, TResult> resultOf)
    {
        try
        {
            UpdateReader reader = await pipeline.OpenAsync(call).ConfigureAwait(false) ?? throw ErrorFactory.NoReader();
            if (reader.Stored is null || !call.IsUnobserved) await DrainAsync(call, reader).ConfigureAwait(false);
            TResult result = resultOf(call);
            call.End(CallOutcome.Succeeded);
            return result;
        }
        catch (Exception e)
        {
            Fail(call, e);
            throw;
        }
    }

    /// <summary>The chat response that a call has collected.</summary>
    internal static HarborChatResponse ResponseOf(Call call)
    {
        HarborCallInfo info = CallInfo.Of(call);
        var response = new HarborChatResponse(info, call.Request.Spent + info.Duration);

        if (call is { Hit: { } hit, Collects: false }) return AnswerKeeper.Fill(response, call, hit, MessageIds.Next()); // Kept, and its updates not read.
        AnswerBuilder.Fill(response, call, MessageIds.Next());
        response.ModelId ??= info.Model;
        return response;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask DrainAsync(Call call, UpdateReader reader)
    {
        try
        {
            call.Receive(reader);
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                ref readonly HarborUpdate update = ref reader.Current;
                if (call.Receive(update) is { } stop) ExceptionDispatchInfo.Throw(stop);
            }
        }
        finally
        {
            await CloseAsync(reader).ConfigureAwait(false);
        }
    }

    private static async ValueTask CloseAsync(UpdateReader reader)
    {
        try
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Only a user's reader can get here. Its fault must not replace the answer or the error; ending the call gives back what it would have closed.
        }
    }

    private static void Fail(Call call, Exception error)
    {
        CallErrors.Complete(call, error);
        call.End(CallOutcome.From(error));
    }
}
