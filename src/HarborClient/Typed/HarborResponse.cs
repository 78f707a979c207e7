using System.Text.Json.Serialization;
using HarborClient.Edge;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>A response whose text was read as a value of a type. <see cref="HarborChatResponseExtensions.GetHarborInfo"/> works on it.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <remarks>Where the model had to be asked twice, usage and attempts are those of both calls, and the messages have the second answer in place of the first.</remarks>
public sealed class HarborResponse<T> : ChatResponse, IKnowsItsCall
{
    private readonly HarborCallInfo _info;

    internal HarborResponse(ChatResponse response, HarborCallInfo info, T result)
    {
        Messages = response.Messages;
        ResponseId = response.ResponseId;
        ConversationId = response.ConversationId;
        ModelId = response.ModelId;
        CreatedAt = response.CreatedAt;
        FinishReason = response.FinishReason;
        Usage = response.Usage;
        RawRepresentation = response.RawRepresentation;
        AdditionalProperties = response.AdditionalProperties;
        Result = result;
        _info = info;
    }

    /// <summary>The answer. Never <see langword="null"/>: an answer that does not fit is a <see cref="StructuredAnswerException"/>.</summary>
    [JsonIgnore]
    public T Result { get; }

    HarborCallInfo IKnowsItsCall.Info => _info;
}
