using System.Text.RegularExpressions;

namespace HarborClient.Tests.Robustness;

// Ids that a host left out are made up by the client, anew for each answer.
internal static partial class MadeUp
{
    public static string Anonymous(string shape) => Ids().Replace(shape, "made up");

    [GeneratedRegex("(call_|toolu_)[0-9a-f_]{16,40}|msg_[0-9A-Za-z_-]{9,40}")]
    private static partial Regex Ids();
}
