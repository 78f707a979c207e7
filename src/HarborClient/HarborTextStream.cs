using HarborClient.Edge;

namespace HarborClient;

/// <summary>An answer as pieces of text. Starts nothing before it is enumerated, and each enumeration is a new call.</summary>
/// <remarks>The stream object may be shared; one enumeration has one reader. Leaving it early closes the exchange at once.
/// Text cannot be taken back: under <see cref="MidStreamPolicy.Restart"/> a new answer that differs from what was handed out ends it as interrupted.</remarks>
public sealed class HarborTextStream : IAsyncEnumerable<string>
{
    // One of the two: a single call, or something above it that makes calls.
    private readonly Func<CancellationToken, (Call Call, PipelineStage Pipeline)>? _begin;
    private readonly Func<HarborTextStream, CancellationToken, IAsyncEnumerator<string>>? _open;
    private readonly CancellationToken _token;

    internal HarborTextStream(Func<CancellationToken, (Call Call, PipelineStage Pipeline)> begin, CancellationToken token)
    {
        _begin = begin;
        _token = token;
    }

    internal HarborTextStream(Func<HarborTextStream, CancellationToken, IAsyncEnumerator<string>> open) => _open = open;

    /// <summary>How the latest enumeration went, once it has ended, whichever way; <see langword="null"/> before.</summary>
    public HarborCallInfo? Info { get; internal set; }

    /// <summary>Begins a call.</summary>
    /// <param name="cancellationToken">Cancels it, as the token given to <c>StreamTextAsync</c> does.</param>
    /// <returns>The pieces of its text.</returns>
    /// <exception cref="StreamInterruptedException">While reading: the answer broke; the partial answer is in it.</exception>
    public IAsyncEnumerator<string> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _open is null ? new TextEdge(this, _begin!, _token, cancellationToken) : _open(this, cancellationToken);
}
