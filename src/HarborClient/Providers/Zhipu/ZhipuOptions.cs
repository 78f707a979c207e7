using HarborClient.Errors;
using HarborClient.Providers.Zhipu;

namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddZhipu(string, Action{ZhipuOptions}?)"/>.</summary>
/// <remarks>
/// <para>
/// The address decides whose service answers: <c>https://open.bigmodel.cn/api/paas/v4/</c> is Zhipu's in China, <c>https://api.z.ai/api/paas/v4/</c> its
/// international one, and keys of the coding plan go to <c>https://api.z.ai/api/coding/paas/v4/</c> or <c>https://open.bigmodel.cn/api/coding/paas/v4/</c>.
/// </para>
/// <para>
/// Where the API has no word for an option: a JSON schema is told to the model in the system message beside <c>json_object</c>; temperature 0 turns sampling
/// off, and values over the range become its end; <c>ChatToolMode.None</c> offers no tools; TopK, the penalties and AllowMultipleToolCalls are left out
/// with a logged note; more than one stop sequence, or one of several functions by force, is refused. Files and videos are taken by address
/// (<c>UriContent</c>). Each attempt sends a <c>request_id</c> of its own.
/// </para>
/// </remarks>
public sealed class ZhipuOptions : ProviderOptions
{
    /// <summary>Creates the options with the documented address.</summary>
    public ZhipuOptions() => Endpoint = new Uri("https://open.bigmodel.cn/api/paas/v4/");

    /// <summary>Whether the key is sent, or a token signed with it.</summary>
    /// <value>Default <see cref="ZhipuAuthentication.Key"/>. <see cref="ZhipuAuthentication.Token"/> needs keys of the form <c>id.secret</c>.</value>
    /// <remarks>Tokens carry the time, so they need a clock that is right to the minute. They are signed anew every 180 s, and after the provider refused one.</remarks>
    public ZhipuAuthentication Authentication { get; set; }

    /// <summary>Whether tokens are signed. Checks that every key can sign.</summary>
    internal bool SignsTokens()
    {
        SettingCheck.Defined<ZhipuAuthentication>(Authentication, "Zhipu.Authentication");
        if (Authentication == ZhipuAuthentication.Key) return false;
        if (CallersCredential is not null) return true;
        foreach (string key in Keys) ZhipuTokens.Check(key);
        return true;
    }
}
