using HarborClient.Edge;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What HarborClient adds to a <see cref="ChatResponse"/>.</summary>
public static class HarborChatResponseExtensions
{
    /// <summary>How the call went that made this response.</summary>
    /// <param name="response">A response of a <see cref="FastClient"/>, or one folded from its updates.</param>
    /// <returns>Never <see langword="null"/>; for a response of another client its members have their defaults.</returns>
    public static HarborCallInfo GetHarborInfo(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response is IKnowsItsCall own ? own.Info : CallInfo.From(response.AdditionalProperties, response.Usage);
    }
}
