using HarborClient.Edge;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>What HarborClient adds to <see cref="ChatResponseUpdate"/>.</summary>
public static class HarborChatUpdateExtensions
{
    /// <summary>Whether everything of the answer before this update is void: it starts over (<see cref="MidStreamPolicy.Restart"/>).</summary>
    /// <param name="update">The update.</param>
    /// <remarks>With tools, the results of functions and what came before them stay.</remarks>
    /// <returns>True for the one update that marks a restart.</returns>
    public static bool IsRestart(this ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return update.AdditionalProperties?.ContainsKey(CallInfo.RestartKey) == true;
    }

    /// <summary>Folds updates into a response, without what a restart discarded.</summary>
    /// <param name="updates">The updates of one stream, in order.</param>
    /// <returns>The response; <see cref="HarborChatResponseExtensions.GetHarborInfo"/> works on it.</returns>
    public static ChatResponse ToHarborResponse(this IEnumerable<ChatResponseUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        List<ChatResponseUpdate> kept = [];
        foreach (ChatResponseUpdate update in updates)
        {
            if (!update.IsRestart())
            {
                kept.Add(update);
                continue;
            }

            // A restart voids the answer that is under way, and not what functions and earlier answers of the same call came to.
            int first = kept.FindLastIndex(static earlier => earlier.Role == ChatRole.Tool) + 1;
            kept.RemoveRange(first, kept.Count - first);
        }

        return kept.ToChatResponse();
    }
}
