using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Doors;

// The door in memory.
internal sealed class EmulatorHandler(ScriptEngine engine) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var exchange = new InMemoryExchange(request);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (exchange, token) => ((InMemoryExchange)exchange!).CancelSend(token), exchange);

        // Not awaited: it goes on for as long as the response body does, and never throws.
        _ = engine.RunAsync(exchange);
        return await exchange.Response.ConfigureAwait(false);
    }
}
