using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Options;

/// <summary>How a caller's own types become JSON. The default is made when it is first asked for: it costs a cold process a tenth of its first call, and most calls have no such value.</summary>
/// <param name="callers">The caller's options; null for the default.</param>
internal sealed class ValueJson(JsonSerializerOptions? callers)
{
    internal JsonSerializerOptions Options => callers ?? Default.Options;

    private static class Default
    {
        /// <summary>Not indented, as the original may be: arguments and results of functions would be sent with white space, which costs tokens.</summary>
        internal static readonly JsonSerializerOptions Options = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };
    }
}
