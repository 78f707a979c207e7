using System.Buffers;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Pipeline;

namespace HarborClient.Providers.Zhipu;

/// <summary>CogView images, CogVideoX videos and chat in the background: the last two are started, looked at under <c>async-result</c>, and fetched.</summary>
internal sealed class ZhipuJobService(ZhipuProvider provider, Func<ReadOnlyMemory<byte>, HarborException> readError) : ServiceDialect
{
    internal override HttpMethod MethodOf(Call attempt) => attempt.Request.Service!.JobId is null ? HttpMethod.Post : HttpMethod.Get;

    internal override Uri AddressOf(Call attempt)
    {
        ServiceInput input = attempt.Request.Service!;
        string path = input switch
        {
            { JobId: { } id } => "async-result/" + Uri.EscapeDataString(id),
            { Kind: ServiceKind.Image } => "images/generations",
            { Kind: ServiceKind.Video } => "videos/generations",
            _ => "async/chat/completions",
        };
        return new Uri(attempt.Target!.Endpoint, path);
    }

    internal override void WriteRequest(Call attempt, IBufferWriter<byte> output)
    {
        ServiceInput input = attempt.Request.Service!;
        if (input.JobId is not null) return;
        if (input.Kind == ServiceKind.Chat)
        {
            provider.WriteRequest(attempt, output);
            return;
        }

        using JsonDocument parameters = JsonDocument.Parse(input.Json);
        using JsonBody body = JsonBody.Over(output);
        Utf8JsonWriter json = body.Json;
        json.WriteStartObject();
        json.WriteString("model"u8, attempt.Target!.Model);
        foreach (JsonProperty parameter in parameters.RootElement.EnumerateObject())
        {
            if (parameter.NameEquals("model"u8)) throw ErrorFactory.Setting(ErrorKind.InvalidRequest, "'model' cannot be set in AdditionalProperties: the model is named by the call.");
            parameter.WriteTo(json);
        }

        json.WriteEndObject();
    }

    internal override AnswerParser CreateParser(Call attempt) => attempt.Request.Service! switch
    {
        { Kind: ServiceKind.Image } => new ZhipuImageParser(attempt.Target!.Endpoint, readError),
        { Kind: ServiceKind.Chat, JobId: not null } => new ZhipuJobParser(readError, provider.CreateParser(attempt)),
        _ => new ZhipuJobParser(readError, null),
    };
}
