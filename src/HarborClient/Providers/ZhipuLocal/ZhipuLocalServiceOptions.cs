namespace HarborClient;

/// <summary>
/// One service of <see cref="ZhipuLocalOptions.Services"/>. Without <see cref="Path"/> it is a chat server at an address of its own; with it, a service
/// whose JSON is described here: what is sent, and where in the answer things are.
/// </summary>
/// <remarks>Places in answers are JSON pointers (RFC 6901), such as <c>/data/0/url</c>.</remarks>
public sealed class ZhipuLocalServiceOptions
{
    /// <summary>The service's API root.</summary>
    /// <value>Default <see langword="null"/>: the provider's; otherwise an absolute http or https address without query.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>Chat models that are served here and not at the provider's endpoint.</summary>
    /// <value>Default: none. A model is listed by one service only; the service's own name is always a model of it.</value>
    public IList<string> Models { get; } = [];

    /// <summary>Which server this is, for chat.</summary>
    /// <value>Default <see langword="null"/>: by the model's name, as in <see cref="ZhipuLocalOptions.Profiles"/>.</value>
    public ZhipuLocalProfile? Profile { get; set; }

    /// <summary>Where the service is asked, below <see cref="Endpoint"/>; a path that begins with a slash counts from the host's root.</summary>
    /// <value>Default <see langword="null"/>: a chat server. Otherwise such as <c>generate</c>.</value>
    public string? Path { get; set; }

    /// <summary>The method of the request.</summary>
    /// <value>Default <c>POST</c>; or <c>PUT</c>.</value>
    public string Method { get; set; } = "POST";

    /// <summary>The request's JSON with placeholders for values, such as <c>{ "prompt": "{{prompt}}", "max_tokens": "{{max_tokens}}" }</c>.</summary>
    /// <value>
    /// Default <see langword="null"/>: the service takes only a caller's own JSON (InvokeAsync). A text that is nothing but a placeholder becomes the value, with
    /// its type, and is left out where there is none; within a longer text the value is inserted as text.
    /// </value>
    /// <remarks>
    /// Of a chat: model, prompt (the last user message), system, messages, image_url (the last image), max_tokens, temperature, top_p, seed, stop. Of a video or
    /// an image: model and what the request holds, under CogVideoX's names. Any other name is looked up in the options' or the request's AdditionalProperties.
    /// </remarks>
    public string? Request { get; set; }

    /// <summary>Where the answer's text is; with it, the service is a chat model.</summary>
    /// <value>Default <see langword="null"/>: nowhere.</value>
    public string? Text { get; set; }

    /// <summary>Where an image, or an array of images, is: addresses, data URIs or base64. With it, the service makes images, and shows them in chat answers.</summary>
    /// <value>Default <see langword="null"/>: nowhere.</value>
    public string? Image { get; set; }

    /// <summary>Where an error is. Anything there but null, false and an empty text makes the answer an error, whatever its status.</summary>
    /// <value>Default <see langword="null"/>: nowhere; the HTTP status tells.</value>
    public string? Error { get; set; }

    /// <summary>How the service's long jobs are followed; with it, the service makes videos.</summary>
    /// <value>Default <see langword="null"/>: it has none.</value>
    public ZhipuLocalJobOptions? Job { get; set; }
}
