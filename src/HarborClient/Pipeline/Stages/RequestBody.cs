using HarborClient.Errors;
using HarborClient.Pools;
using HarborClient.Providers;

namespace HarborClient.Pipeline.Stages;

/// <summary>Writes what an attempt sends.</summary>
internal static class RequestBody
{
    /// <summary>Fits the common request; a longer one grows.</summary>
    internal const int InitialBytes = 1024;

    /// <summary>What fails here is the request's own fault, and would fail at every target.</summary>
    internal static void Write(Call call, Provider provider, PooledBody body)
    {
        try
        {
            provider.Write(call, body);
        }
        catch (Exception e) when (e is not HarborException)
        {
            throw ErrorFactory.Setting(ErrorKind.InvalidRequest, $"The request cannot be written as JSON: {ErrorFactory.Quote(e.Message)}", e);
        }
    }

    /// <summary>Lets the attempt's budgets reserve what it can cost. Where they set another maximum of output tokens than what was written, the request is written again.</summary>
    /// <returns>The request to send; the one that was written has gone back where it is another.</returns>
    internal static async ValueTask<PooledBody> AdmitAsync(Call call, Provider provider, PooledBody written)
    {
        if (!await call.Services.Spending!.AdmitAsync(call, written.Length, provider.MaxOutputTokensOf(call), provider.Thinks(call)).ConfigureAwait(false)) return written;
        var body = new PooledBody(call.Services.Counters, InitialBytes);
        try
        {
            Write(call, provider, body);
        }
        catch
        {
            body.Release();
            throw;
        }

        call.Body = body;
        written.Release();
        return body;
    }
}
