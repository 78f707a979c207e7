namespace HarborClient.Providers.Zhipu;

/// <summary>Which kind each of Zhipu's error codes is.</summary>
internal static class ZhipuErrorKinds
{
    /// <summary>The code of a token that has expired: the next attempt sends a new one.</summary>
    private const string ExpiredToken = "1003";

    /// <summary>Null for a code that nobody documents; the status says what there is to say.</summary>
    internal static ErrorKind? Of(string? code) => code switch
    {
        // The key or its token; the account: inactive, locked, unknown; no right to this interface.
        "1000" or "1001" or "1002" or "1003" or "1004" or "1005" => ErrorKind.Authentication,
        "1110" or "1111" or "1112" or "1114" or "1115" or "1116" or "1117" or "1118" or "1119" or "1120" or "1121" or "1220" => ErrorKind.Authentication,

        // Arrears; used up for the day, a window or the plan; fair use.
        "1113" or "1304" or "1308" or "1309" or "1310" or "1311" or "1313" => ErrorKind.QuotaExhausted,

        // Parameters; the model does not exist; the interface is offline.
        "1210" or "1212" or "1213" or "1214" or "1215" => ErrorKind.InvalidRequest,
        "1211" or "1221" or "1222" => ErrorKind.NotFound,
        "1261" => ErrorKind.ContextTooLong,
        "1300" or "1301" => ErrorKind.ContentFiltered,

        // Concurrency and frequency; the platform or the model is busy; a request id that was used before; failures of theirs.
        "1302" or "1303" => ErrorKind.RateLimited,
        "1305" or "1312" => ErrorKind.Overloaded,
        "1231" => ErrorKind.Conflict,
        "500" or "1200" or "1230" or "1234" => ErrorKind.Provider,
        _ => null,
    };

    internal static bool IsTransient(ErrorKind kind, string? code) =>
        kind is ErrorKind.RateLimited or ErrorKind.Overloaded or ErrorKind.Conflict or ErrorKind.Provider || code == ExpiredToken;
}
