using System.Diagnostics;

namespace HarborClient.Benchmarks.Clients;

/// <summary>The measure of all: an HttpClient that sends prebuilt bytes and reads the answer's bytes without looking at them.</summary>
internal sealed class BareClient(Protocol protocol, Uri address, byte[] body) : IDisposable
{
    private readonly HttpClient _client = new(Handlers.Create(protocol)) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Version _version = Handlers.VersionOf(protocol);

    internal async Task<long> CallAsync(int seed)
    {
        _ = seed;
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body), Version = _version };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer key");
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"The upstream said {response.StatusCode}.");
        using Stream stream = await response.Content.ReadAsStreamAsync();
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(4096);
        long first = 0;
        while (await stream.ReadAsync(buffer) > 0)
        {
            if (first == 0) first = Stopwatch.GetTimestamp();
        }

        System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        return first;
    }

    public void Dispose() => _client.Dispose();
}
