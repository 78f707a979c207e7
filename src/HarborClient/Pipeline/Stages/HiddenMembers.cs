using Microsoft.Extensions.AI;

namespace HarborClient.Pipeline.Stages;

/// <summary>
/// Members of a request through which its host reads or runs what is not in it, given past the options that have a place for them: what such a call costs cannot be bounded, and its answer depends on
/// more than the request.
/// </summary>
internal static class HiddenMembers
{
    internal static readonly string[] Names =
    [
        "tools", "web_search_options", "plugins", "mcp_servers", "container", "previous_response_id", "conversation", "prompt", "cachedContent", "cached_content",
    ];

    internal static bool AreIn(AdditionalPropertiesDictionary properties)
    {
        foreach (string name in Names)
        {
            if (properties.ContainsKey(name)) return true;
        }

        return false;
    }
}
