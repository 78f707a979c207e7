using System.Text.Json.Nodes;

namespace HarborClient;

/// <summary>What a video is to show. Names and values are those of Zhipu's CogVideoX; a service of one's own takes from it what its template names.</summary>
/// <remarks>Read once, when the job is started.</remarks>
public sealed class VideoRequest
{
    /// <summary>What happens in the video.</summary>
    /// <value>Default <see langword="null"/>; one of <see cref="Prompt"/> and <see cref="ImageUrl"/> has to be set.</value>
    public string? Prompt { get; set; }

    /// <summary>The first frame: an address or a data URI.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public string? ImageUrl { get; set; }

    /// <summary><c>quality</c> or <c>speed</c>.</summary>
    /// <value>Default <see langword="null"/>: the model's own.</value>
    public string? Quality { get; set; }

    /// <summary>Width and height, as in <c>1920x1080</c>.</summary>
    /// <value>Default <see langword="null"/>: the model's own.</value>
    public string? Size { get; set; }

    /// <summary>Length of the video.</summary>
    /// <value>Default <see langword="null"/>: the model's own; whole seconds (CogVideoX: 5 or 10).</value>
    public TimeSpan? Duration { get; set; }

    /// <summary>Frames per second.</summary>
    /// <value>Default <see langword="null"/>: the model's own (CogVideoX: 30 or 60).</value>
    public int? FramesPerSecond { get; set; }

    /// <summary>Whether sound is made too.</summary>
    /// <value>Default <see langword="null"/>: the model's own.</value>
    public bool? WithAudio { get; set; }

    /// <summary>Further members of the request, under the provider's own names.</summary>
    /// <value>Default <see langword="null"/>: none. They replace those above.</value>
    public JsonObject? AdditionalProperties { get; set; }

    internal ReadOnlyMemory<byte> ToJson()
    {
        if (string.IsNullOrEmpty(Prompt) && string.IsNullOrEmpty(ImageUrl))
            throw Errors.ErrorFactory.Setting(ErrorKind.InvalidRequest, "A video needs a Prompt or an ImageUrl.");
        if (Duration is { } duration && (duration <= TimeSpan.Zero || duration.Ticks % TimeSpan.TicksPerSecond != 0))
            throw Errors.ErrorFactory.Setting(ErrorKind.InvalidRequest, $"VideoRequest.Duration must be whole seconds (was {duration}).");
        return new Services.ParameterWriter(AdditionalProperties)
            .Add("prompt", Prompt).Add("image_url", ImageUrl).Add("quality", Quality).Add("size", Size)
            .Add("duration", Duration is { } length ? (int)length.TotalSeconds : null).Add("fps", FramesPerSecond).Add("with_audio", WithAudio)
            .ToJson();
    }
}
