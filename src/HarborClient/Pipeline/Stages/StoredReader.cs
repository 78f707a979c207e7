using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>Replays a kept answer at once to whoever reads updates. A caller who wants it whole takes it past the reader (<see cref="UpdateReader.Stored"/>), which has cut nothing into pieces then.</summary>
internal sealed class StoredReader(CacheHit hit) : UpdateReader
{
    private StoredPieces? _pieces;

    public override ref readonly HarborUpdate Current => ref Pieces.Current;

    internal override CacheHit? Stored => hit;

    private StoredPieces Pieces => _pieces ??= new StoredPieces(hit.Answer);

    /// <summary>A reader of what was kept.</summary>
    /// <param name="call">The call it answers.</param>
    /// <param name="hit">What was kept.</param>
    /// <param name="charactersPerSecond">How fast it is shown; 0 for at once.</param>
    internal static UpdateReader Of(Call call, CacheHit hit, int charactersPerSecond) =>
        charactersPerSecond == 0 ? new StoredReader(hit) : new PacedReader(call, hit, charactersPerSecond);

    public override ValueTask<bool> ReadAsync() => new(Pieces.MoveNext());

    public override ValueTask DisposeAsync()
    {
        _pieces?.End();
        return ValueTask.CompletedTask;
    }
}
