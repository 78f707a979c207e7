namespace HarborClient;

/// <summary>How requests to Zhipu's cloud are authorized.</summary>
public enum ZhipuAuthentication
{
    /// <summary>The key itself is sent as bearer.</summary>
    Key,

    /// <summary>A token that is signed with the key's secret half and expires after minutes is sent; the secret itself never leaves the process.</summary>
    Token,
}
