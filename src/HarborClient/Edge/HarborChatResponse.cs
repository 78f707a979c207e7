using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace HarborClient.Edge;

/// <summary>A <see cref="ChatResponse"/> that knows how it came about. To serializers it looks like its base.</summary>
internal sealed class HarborChatResponse(HarborCallInfo info) : ChatResponse
{
    [JsonIgnore]
    internal HarborCallInfo Info { get; } = info;
}
