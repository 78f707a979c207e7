namespace HarborClient;

/// <summary>How long jobs of a service of one's own are followed.</summary>
/// <remarks>Places in answers are JSON pointers (RFC 6901).</remarks>
public sealed class ZhipuLocalJobOptions
{
    /// <summary>Where the job's id is in the answer that starts it.</summary>
    /// <value>Default <c>/id</c>.</value>
    public string Id { get; set; } = "/id";

    /// <summary>Where the job is looked at, with GET, below the service's Endpoint.</summary>
    /// <value>Default <c>jobs/{{id}}</c>; it names <c>{{id}}</c> once.</value>
    public string Path { get; set; } = "jobs/{{id}}";

    /// <summary>Where the state is, in both answers.</summary>
    /// <value>Default <c>/status</c>.</value>
    public string Status { get; set; } = "/status";

    /// <summary>States that mean success, in any case.</summary>
    /// <value>Default, when empty: SUCCESS, SUCCEEDED, COMPLETED, DONE. Any state in neither list means that the job is running.</value>
    public IList<string> Succeeded { get; } = [];

    /// <summary>States that mean failure, in any case.</summary>
    /// <value>Default, when empty: FAIL, FAILED, ERROR, CANCELLED.</value>
    public IList<string> Failed { get; } = [];

    /// <summary>Where the video's address, or an array of addresses, is.</summary>
    /// <value>Default <c>/video_url</c>.</value>
    public string Video { get; set; } = "/video_url";

    /// <summary>Where the address of the cover image is.</summary>
    /// <value>Default <see langword="null"/>: nowhere.</value>
    public string? Cover { get; set; }
}
