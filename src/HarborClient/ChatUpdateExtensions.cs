using HarborClient.Edge;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What HarborClient adds to <see cref="ChatResponseUpdate"/>.</summary>
public static class ChatUpdateExtensions
{
    /// <summary>Whether everything before this update is void: the answer starts over (<see cref="MidStreamPolicy.Restart"/>).</summary>
    /// <param name="update">The update.</param>
    /// <returns>True for the one update that marks a restart.</returns>
    public static bool IsRestart(this ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return update.AdditionalProperties?.ContainsKey(CallInfo.RestartKey) == true;
    }

    /// <summary>Folds updates into a response, without what a restart discarded.</summary>
    /// <param name="updates">The updates of one stream, in order.</param>
    /// <returns>The response; <see cref="ChatResponseExtensions.GetHarborInfo"/> works on it.</returns>
    public static ChatResponse ToHarborResponse(this IEnumerable<ChatResponseUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        List<ChatResponseUpdate> kept = [];
        foreach (ChatResponseUpdate update in updates)
        {
            if (update.IsRestart()) kept.Clear();
            else kept.Add(update);
        }

        return kept.ToChatResponse();
    }
}
