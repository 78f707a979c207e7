using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>A <see cref="ChatResponse"/> that knows how it came about. To serializers it looks like its base.</summary>
internal sealed class HarborChatResponse(HarborCallInfo info, TimeSpan spent) : ChatResponse, IKnowsItsCall
{
    [JsonIgnore]
    public HarborCallInfo Info { get; } = info;

    /// <summary>What the call has used of its Total clock, which rests while tools run.</summary>
    [JsonIgnore]
    internal TimeSpan Spent { get; } = spent;
}
