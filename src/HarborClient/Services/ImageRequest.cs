using System.Text.Json.Nodes;

namespace HarborClient;

/// <summary>What images are to show. Names and values are those of Zhipu's CogView; a service of one's own takes from it what its template names.</summary>
/// <remarks>Read once, when the call starts.</remarks>
public sealed class ImageRequest
{
    /// <summary>Creates a request.</summary>
    /// <param name="prompt">What the image shows.</param>
    public ImageRequest(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        Prompt = prompt;
    }

    /// <summary>What the image shows.</summary>
    public string Prompt { get; }

    /// <summary>Width and height, as in <c>1024x1024</c>.</summary>
    /// <value>Default <see langword="null"/>: the model's own.</value>
    public string? Size { get; set; }

    /// <summary><c>hd</c> or <c>standard</c>.</summary>
    /// <value>Default <see langword="null"/>: the model's own.</value>
    public string? Quality { get; set; }

    /// <summary>Further members of the request, under the provider's own names.</summary>
    /// <value>Default <see langword="null"/>: none. They replace those above.</value>
    public JsonObject? AdditionalProperties { get; set; }

    internal ReadOnlyMemory<byte> ToJson() =>
        new Services.ParameterWriter(AdditionalProperties).Add("prompt", Prompt).Add("size", Size).Add("quality", Quality).ToJson();
}
