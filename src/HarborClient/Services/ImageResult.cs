using HarborClient.Services;
using Microsoft.Extensions.AI;

namespace HarborClient;

/// <summary>The images of a call. Links to them expire: fetch them at once.</summary>
public sealed class ImageResult
{
    private readonly Downloader _downloader;

    internal ImageResult(IReadOnlyList<AIContent> images, Downloader downloader)
    {
        Images = images;
        _downloader = downloader;
    }

    /// <summary>The images, at least one: <see cref="UriContent"/> where the provider answered with a link, <see cref="DataContent"/> where with the image itself.</summary>
    public IReadOnlyList<AIContent> Images { get; }

    /// <summary>Copies an image to a stream, from its link or from memory.</summary>
    /// <param name="destination">Stays the caller's and open. After an error it holds a part.</param>
    /// <param name="index">Which of <see cref="Images"/>.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>The number of bytes.</returns>
    /// <remarks>The provider's key goes along only to the provider's own host. The client's Idle and Total clocks run; redirects are not followed.</remarks>
    /// <exception cref="HarborException">The link has expired (NotFound), the file broke off (Interrupted), a clock ran out, or it is too large.</exception>
    public async Task<long> DownloadAsync(Stream destination, int index = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Images.Count);
        if (Images[index] is UriContent link) return await _downloader.CopyAsync(link.Uri, destination, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> data = ((DataContent)Images[index]).Data;
        await destination.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        return data.Length;
    }
}
