using HarborClient.Errors;

namespace HarborClient;

/// <summary>Settings of <see cref="HarborBuilder.AddOpenAI(string, Action{OpenAIOptions}?)"/>.</summary>
public sealed class OpenAIOptions : ProviderOptions
{
    /// <summary>Creates the options with OpenAI's address.</summary>
    public OpenAIOptions() => Endpoint = new Uri("https://api.openai.com/v1/");

    /// <summary>The interface of chat calls that name none (<see cref="HarborChatOptions.OpenAIApi"/>).</summary>
    /// <value>Default <see cref="OpenAIApi.ChatCompletions"/>.</value>
    public OpenAIApi Api { get; set; }

    /// <summary>The organization that pays, for keys that belong to several.</summary>
    /// <value>Default <see langword="null"/>: the key's own; otherwise an id of one line, sent as <c>OpenAI-Organization</c>.</value>
    public string? Organization { get; set; }

    /// <summary>The project that the usage counts for.</summary>
    /// <value>Default <see langword="null"/>: the key's own; otherwise an id of one line, sent as <c>OpenAI-Project</c>.</value>
    public string? Project { get; set; }

    internal override void Check(string section)
    {
        SettingCheck.Defined<OpenAIApi>(Api, $"{section}.{nameof(Api)}");
        CheckId(Organization, $"{section}.{nameof(Organization)}");
        CheckId(Project, $"{section}.{nameof(Project)}");
    }

    private static void CheckId(string? id, string setting)
    {
        if (id is null || (id.Length > 0 && id.All(c => c is > ' ' and <= '~'))) return;
        throw ErrorFactory.Setting(ErrorKind.Configuration, $"{setting} must be an id of visible ASCII, without spaces.");
    }
}
