using System.Net;
using HarborClient.Errors;
using HarborClient.Pipeline;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Transport;

namespace HarborClient.Services;

/// <summary>Fetches files that a provider links to: bounded, with the client's clocks, and with the provider's key only at the provider's own host. Thread-safe.</summary>
internal sealed class Downloader(Provider provider, Target target, CallServices services, TimeSpan totalTimeout, long maxBytes)
{
    private const int PieceBytes = 64 << 10;

    private TimeSpan Idle => services.Clocks.IdleFor(false);

    internal async Task<long> CopyAsync(Uri link, Stream destination, CancellationToken cancellationToken)
    {
        if (services.Shutdown.IsCancellationRequested) ErrorFactory.ThrowDisposed();
        var clocks = new AttemptClocks(services.ClockPool, AttemptClocks.After(services.Time, totalTimeout), cancellationToken);
        try
        {
            using HttpTransport transport = provider.CreateTransport(link, isOwnHost: false);
            return await CopyAsync(transport, link, destination, clocks).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not HarborException and not WritingFailed)
        {
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException("The download was cancelled by its caller.", e, cancellationToken);
            if (clocks.Expired is { } clock) throw ErrorFactory.Timeout(clock, clock == HarborClock.Total ? totalTimeout : Idle, target.Provider, target.Model, e);
            if (services.Shutdown.IsCancellationRequested) throw new ObjectDisposedException("The FastClient was disposed during a download.", e);
            throw Broken(link, e);
        }
        catch (WritingFailed e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
        finally
        {
            clocks.Stop();
            clocks.Return(isSettled: false);
        }
    }

    private async Task<long> CopyAsync(HttpTransport transport, Uri link, Stream destination, AttemptClocks clocks)
    {
        CancellationToken token = clocks.Token;

        // Owner: the exchange. A GET has no body, and the transport wants one to give back.
        var nothing = new PooledBody(services.Counters, 16);
        HttpRequestMessage request;
        try
        {
            request = await provider.CreateDownloadAsync(link, target, token).ConfigureAwait(false);
        }
        catch
        {
            nothing.Release();
            throw;
        }

        clocks.Start(HarborClock.Idle, Idle);
        HttpExchange exchange = await transport.SendAsync(request, nothing, token).ConfigureAwait(false);
        var piece = new PooledBuffer(services.Counters, PieceBytes);
        bool isAtEnd = false;
        try
        {
            if (!exchange.IsSuccess) throw Refused(link, exchange.Status);
            long? length = exchange.ContentHeaders.ContentEncoding.Count == 0 ? exchange.ContentHeaders.ContentLength : null;
            if (length > maxBytes) throw TooLarge();
            Stream body = await exchange.OpenBodyAsync(token).ConfigureAwait(false);
            long copied = 0;
            while (true)
            {
                clocks.Start(HarborClock.Idle, Idle);
                int count = await body.ReadAsync(piece.Free, token).ConfigureAwait(false);
                if (count == 0) break;
                copied += count;
                if (copied > maxBytes) throw TooLarge();
                clocks.Rest();
                await WriteAsync(destination, piece.Free[..count], token).ConfigureAwait(false);
            }

            isAtEnd = true;
            if (length > copied) throw ErrorFactory.EndedEarly(link.Host, $"the file stopped after {copied:N0} of {length:N0} bytes", null);
            return copied;
        }
        finally
        {
            if (isAtEnd) exchange.CloseAtEnd();
            else exchange.CloseEarly();
            piece.Return();
        }
    }

    /// <summary>What the caller's stream throws is the caller's own.</summary>
    private static async ValueTask WriteAsync(Stream destination, ReadOnlyMemory<byte> piece, CancellationToken token)
    {
        try
        {
            await destination.WriteAsync(piece, token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new WritingFailed(e);
        }
    }

    private HarborException TooLarge() =>
        new(ErrorKind.TooLarge, $"The file is larger than {maxBytes:N0} bytes. JobOptions.MaxDownloadBytes sets the limit of a job's files; images have its default.") { Provider = target.Provider, Model = target.Model };

    /// <summary>Links carry signatures in their query; it is never shown.</summary>
    private static string Shown(Uri link) => ErrorFactory.Quote(link.GetLeftPart(UriPartial.Path), 200);

    private HarborException Refused(Uri link, HttpStatusCode status)
    {
        int number = (int)status;
        (ErrorKind kind, string hint) = number switch
        {
            401 or 403 or 404 or 410 => (ErrorKind.NotFound, "The link has expired, or is not for everyone. Links are to be fetched at once."),
            >= 300 and < 400 => (ErrorKind.Configuration, "Redirects are not followed."),
            429 => (ErrorKind.RateLimited, "The host of the file is busy."),
            >= 500 => (ErrorKind.Provider, "The host of the file is in trouble."),
            _ => (ErrorKind.InvalidRequest, "The host of the file does not take the request."),
        };
        return new HarborException(kind, $"{Shown(link)} answered {number}. {hint}")
        {
            StatusCode = status,
            IsTransient = number == 429 || number >= 500,
            Provider = target.Provider,
            Model = target.Model,
        };
    }

    private HarborException Broken(Uri link, Exception cause) =>
        new(cause is HttpRequestException ? ErrorKind.Network : ErrorKind.Interrupted, $"The download of {Shown(link)} broke: {cause.GetType().Name}.", cause)
        {
            IsTransient = true,
            Provider = target.Provider,
            Model = target.Model,
        };

    /// <summary>Carries an error of the caller's stream past the translation.</summary>
    private sealed class WritingFailed(Exception cause) : Exception(null, cause);
}
