using System.Text;
using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>Replays a kept answer to whoever reads updates, at once or at a pace. A caller who wants it whole takes it past the reader (<see cref="UpdateReader.Stored"/>).</summary>
/// <param name="call">The call it answers.</param>
/// <param name="hit">What was kept.</param>
/// <param name="charactersPerSecond">How fast; 0 for at once.</param>
internal sealed class StoredReader(Call call, CacheHit hit, int charactersPerSecond) : UpdateReader
{
    /// <summary>How many pieces a paced answer has in a second: as the eye sees a stream.</summary>
    private const int PiecesPerSecond = 20;

    private HarborUpdate _current;
    private State _state;
    private int _run;
    private int _offset;

    private enum State
    {
        Identity,
        Runs,
        Usage,
        Finish,
        Ended,
    }

    public override ref readonly HarborUpdate Current => ref _current;

    internal override CacheHit? Stored => hit;

    public override ValueTask<bool> ReadAsync()
    {
        StoredAnswer answer = hit.Answer;
        switch (_state)
        {
            case State.Identity:
                _state = answer.Runs.Count > 0 ? State.Runs : State.Usage;
                return Show(new HarborUpdate(HarborUpdateKind.Identity, AnswerKeeper.IdentityOf(answer)));
            case State.Runs when charactersPerSecond > 0 && (_run > 0 || _offset > 0):
                return ShowPacedAsync();
            case State.Runs:
                return Show(NextPiece());
            case State.Usage:
                _state = answer.FinishReason is null ? State.Ended : State.Finish;
                return Show(new HarborUpdate(HarborUpdateKind.Usage, CacheHit.Nothing()));
            case State.Finish:
                _state = State.Ended;
                return Show(new HarborUpdate(HarborUpdateKind.Finish, answer.FinishReason!));
            default:
                return new ValueTask<bool>(false);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _state = State.Ended;
        return ValueTask.CompletedTask;
    }

    private async ValueTask<bool> ShowPacedAsync()
    {
        await call.PauseAsync(TimeSpan.FromSeconds(1.0 / PiecesPerSecond)).ConfigureAwait(false);
        if (call.IsPastDeadline) throw Errors.ErrorFactory.Timeout(HarborClock.Total, call.Settings.TotalTimeout, hit.Answer.Provider, hit.Answer.TargetModel, null);
        return await Show(NextPiece()).ConfigureAwait(false);
    }

    private HarborUpdate NextPiece()
    {
        StoredRun run = hit.Answer.Runs[_run];
        ReadOnlyMemory<byte> rest = run.Utf8[_offset..];
        bool isFirst = _offset == 0;
        int length = run.Kind == HarborUpdateKind.ToolCall || charactersPerSecond == 0 ? rest.Length : PieceOf(rest.Span);
        _offset += length;
        bool isLast = _offset == run.Utf8.Length;
        int index = 0;
        object? value = null;
        if (run.Kind == HarborUpdateKind.ToolCall)
        {
            for (int i = 0; i < _run; i++) index += hit.Answer.Runs[i].Kind == HarborUpdateKind.ToolCall ? 1 : 0;
            value = run.Value;
        }
        else if (isLast)
        {
            value = AnswerKeeper.ValueOf(run);
        }

        if (isLast)
        {
            _offset = 0;
            if (++_run == hit.Answer.Runs.Count) _state = State.Usage;
        }

        return new HarborUpdate(run.Kind, isFirst && isLast ? run.Utf8 : rest[..length], index, value);
    }

    /// <summary>Whole characters, as many as the pace allows in one piece.</summary>
    private int PieceOf(ReadOnlySpan<byte> utf8)
    {
        int most = Math.Max(1, charactersPerSecond / PiecesPerSecond);
        int length = 0;
        for (int i = 0; i < most && length < utf8.Length; i++)
        {
            Rune.DecodeFromUtf8(utf8[length..], out _, out int bytes);
            length += bytes;
        }

        return length;
    }

    private ValueTask<bool> Show(in HarborUpdate update)
    {
        _current = update;
        return new ValueTask<bool>(true);
    }
}
