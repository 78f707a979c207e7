namespace HarborClient.IntegrationTests.Sockets;

internal static class StreamReading
{
    internal static async Task<List<string>> ToListAsync(this HarborTextStream stream)
    {
        List<string> pieces = [];
        await foreach (string piece in stream) pieces.Add(piece);
        return pieces;
    }
}
