using HarborClient.Services;

namespace HarborClient;

/// <summary>The videos of a job. Their links expire (Zhipu's within a day): fetch them at once.</summary>
public sealed class VideoResult
{
    private readonly Downloader _downloader;

    internal VideoResult(IReadOnlyList<VideoFile> videos, Downloader downloader)
    {
        Videos = videos;
        _downloader = downloader;
    }

    /// <summary>The videos; at least one.</summary>
    public IReadOnlyList<VideoFile> Videos { get; }

    /// <summary>Copies a video to a stream, piece by piece.</summary>
    /// <param name="destination">Stays the caller's and open. After an error it holds a part.</param>
    /// <param name="index">Which of <see cref="Videos"/>.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>The number of bytes.</returns>
    /// <remarks>The provider's key goes along only to the provider's own host. The client's Idle and Total clocks run; redirects are not followed.</remarks>
    /// <exception cref="HarborException">The link has expired (NotFound), the file broke off (Interrupted), a clock ran out, or it is too large.</exception>
    public Task<long> DownloadAsync(Stream destination, int index = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Videos.Count);
        return _downloader.CopyAsync(Videos[index].Url, destination, cancellationToken);
    }
}
