using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HarborClient.Errors;

namespace HarborClient.Services;

/// <summary>Between the caller's types and the JSON of services.</summary>
internal static class ServiceAnswers
{
    /// <summary>The input as it is sent.</summary>
    internal static ReadOnlyMemory<byte> Write<TIn>(string service, TIn input, JsonTypeInfo<TIn> type)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(input, type);
        }
        catch (Exception e)
        {
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"The input of '{ErrorFactory.Quote(service, 200)}' cannot be written as JSON by the given type information: {e.GetType().Name}. Nothing was sent.", e);
        }
    }

    /// <summary>The answer of a call as the caller's type.</summary>
    /// <exception cref="HarborException">It is other JSON (Provider); the message names the service and the place.</exception>
    internal static TOut Read<TOut>(Call call, JsonTypeInfo<TOut> type)
    {
        byte[] json = PayloadOf<byte[]>(call);
        Exception? cause = null;
        string place = "$";
        try
        {
            TOut? answer = JsonSerializer.Deserialize((ReadOnlySpan<byte>)json, type);
            if (answer is not null || Nullable.GetUnderlyingType(typeof(TOut)) is not null) return answer!;
        }
        catch (JsonException e)
        {
            cause = e;
            place = e.Path ?? "$";
        }
        catch (Exception e)
        {
            // A converter or a constructor of the caller's type threw.
            cause = e;
        }

        throw Unexpected(call, type.Type, place, cause);
    }

    /// <summary>The payload that the pipeline delivered.</summary>
    internal static T PayloadOf<T>(Call call) where T : class => call.Fold.Payload as T
        ?? throw ErrorFactory.Setting(ErrorKind.Configuration, $"A stage (AddStage) answered a call of kind {call.Operation} without its payload: one update of kind Payload has to pass.");

    /// <summary>Takes the key of a call, what it sent and these prompts out of what its host wrote.</summary>
    internal static SecretScrubber ScrubberOf(Call call, IEnumerable<string> prompts)
    {
        IEnumerable<string> keys = new[] { call.Adopted?.Key, call.Adopted?.SentKey }.OfType<string>();
        return new SecretScrubber(keys, prompts, new ReadOnlySequence<byte>(call.Request.Service!.Json), call.AnsweringTarget.Model);
    }

    private static HarborException Unexpected(Call call, Type type, string place, Exception? cause)
    {
        // The place may hold names that the host chose, and those may quote what it was sent.
        SecretScrubber scrubber = ScrubberOf(call, []);
        string what = cause is null ? "null" : $"JSON that is no {type.Name}, at {ErrorFactory.Quote(place, 200)}";
        var error = new HarborException(ErrorKind.Provider, $"{call.AnsweringTarget.Name} answered with {what}. Compare the service's answers with the type.", cause is null ? null : scrubber.Clean(cause))
        {
            StatusCode = call.Adopted?.StatusCode,
            RequestId = call.Adopted?.RequestId,
            Provider = call.AnsweringTarget.Provider,
            Model = call.AnsweringTarget.Model,
        };
        error.Scrub(scrubber);
        return error;
    }
}
