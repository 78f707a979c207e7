using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>Replays a kept answer at a pace, as if a model were writing it. A caller who wants it whole does not wait: it takes the answer past the reader.</summary>
/// <param name="call">The call it answers.</param>
/// <param name="hit">What was kept.</param>
/// <param name="charactersPerSecond">How fast.</param>
internal sealed class PacedReader(Call call, CacheHit hit, int charactersPerSecond) : UpdateReader
{
    /// <summary>How many pieces an answer has in a second: as the eye sees a stream.</summary>
    private const int PiecesPerSecond = 20;

    private readonly StoredPieces _pieces = new(hit.Answer, Math.Max(1, charactersPerSecond / PiecesPerSecond));

    public override ref readonly HarborUpdate Current => ref _pieces.Current;

    internal override CacheHit? Stored => hit;

    public override ValueTask<bool> ReadAsync() => _pieces.IsWithinText ? ReadPacedAsync() : new ValueTask<bool>(_pieces.MoveNext());

    public override ValueTask DisposeAsync()
    {
        _pieces.End();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<bool> ReadPacedAsync()
    {
        await call.PauseAsync(TimeSpan.FromSeconds(1.0 / PiecesPerSecond)).ConfigureAwait(false);
        if (call.IsPastDeadline) throw Errors.ErrorFactory.Timeout(HarborClock.Total, call.Settings.TotalTimeout, hit.Answer.Provider, hit.Answer.TargetModel, null);
        return _pieces.MoveNext();
    }
}
