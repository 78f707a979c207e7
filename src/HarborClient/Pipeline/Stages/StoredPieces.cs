using System.Text;
using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>The updates that a kept answer is told in, one after another.</summary>
/// <param name="answer">What was kept.</param>
/// <param name="mostCharacters">How long a piece of text is at most; 0 for each run as a whole.</param>
internal sealed class StoredPieces(StoredAnswer answer, int mostCharacters = 0)
{
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

    internal ref readonly HarborUpdate Current => ref _current;

    /// <summary>Whether some of the text has been told, and more is to come.</summary>
    internal bool IsWithinText => _state == State.Runs && (_run > 0 || _offset > 0);

    /// <returns>False at the end.</returns>
    internal bool MoveNext()
    {
        switch (_state)
        {
            case State.Identity:
                _state = answer.Runs.Length > 0 ? State.Runs : State.Usage;
                _current = new HarborUpdate(HarborUpdateKind.Identity, AnswerKeeper.IdentityOf(answer));
                return true;
            case State.Runs:
                _current = NextPiece();
                return true;
            case State.Usage:
                _state = answer.FinishReason is null ? State.Ended : State.Finish;
                _current = new HarborUpdate(HarborUpdateKind.Usage, CacheHit.Nothing());
                return true;
            case State.Finish:
                _state = State.Ended;
                _current = new HarborUpdate(HarborUpdateKind.Finish, answer.FinishReason!);
                return true;
            default:
                return false;
        }
    }

    internal void End() => _state = State.Ended;

    private HarborUpdate NextPiece()
    {
        StoredRun run = answer.Runs[_run];
        ReadOnlyMemory<byte> rest = run.Utf8[_offset..];
        bool isFirst = _offset == 0;
        int length = run.Kind == HarborUpdateKind.ToolCall || mostCharacters == 0 ? rest.Length : PieceOf(rest.Span);
        _offset += length;
        bool isLast = _offset == run.Utf8.Length;
        int index = 0;
        object? value = null;
        if (run.Kind == HarborUpdateKind.ToolCall)
        {
            for (int i = 0; i < _run; i++) index += answer.Runs[i].Kind == HarborUpdateKind.ToolCall ? 1 : 0;
            value = run.Value;
        }
        else if (isLast)
        {
            value = AnswerKeeper.ValueOf(run);
        }

        if (isLast)
        {
            _offset = 0;
            if (++_run == answer.Runs.Length) _state = State.Usage;
        }

        return new HarborUpdate(run.Kind, isFirst && isLast ? run.Utf8 : rest[..length], index, value);
    }

    /// <summary>Whole characters.</summary>
    private int PieceOf(ReadOnlySpan<byte> utf8)
    {
        int length = 0;
        for (int i = 0; i < mostCharacters && length < utf8.Length; i++)
        {
            Rune.DecodeFromUtf8(utf8[length..], out _, out int bytes);
            length += bytes;
        }

        return length;
    }
}
