using System.Runtime.CompilerServices;
using HarborClient.Errors;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Transport;

namespace HarborClient.Pipeline.Stages;

// Hot path: one per attempt; ReadAsync completes synchronously for every update that is already buffered.

/// <summary>
/// The answer of one attempt, from the open exchange to its end: feeds the fold and the attempt's observers with what the source delivers, and ends the
/// attempt, once, whichever way it goes.
/// </summary>
internal sealed class AnswerReader : UpdateReader
{
    /// <summary>Some events; an idle stream holds no more, a fast one grows to what a read brings.</summary>
    private const int InitialBufferBytes = 1024;

    private readonly Call _call;
    private readonly AnswerSource _source;
    private readonly AnswerResources _resources;

    internal AnswerReader(Call call, Provider provider, HttpExchange exchange)
    {
        _call = call;
        _resources = new AnswerResources(exchange, new PooledBuffer(call.Services.Counters, InitialBufferBytes), new UpdateBatch(call.Services.Counters));
        _source = new AnswerSource(call, provider, _resources);
        Hold(call);
    }

    private enum Step
    {
        Taken,
        NeedsMore,
        Ended,
    }

    public override ref readonly HarborUpdate Current => ref _resources.Batch.Taken;

    internal override Call? Source => _call;

    /// <summary>What the host calls its answer, for error messages.</summary>
    internal string? ContentType => _resources.Exchange.ContentType;

    /// <summary>Reads until something the caller waits for is buffered, or the answer is whole.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask OpenAsync()
    {
        _resources.TryBeginRead();
        try
        {
            await _source.OpenAsync().ConfigureAwait(false);
        }
        finally
        {
            _resources.EndRead();
        }

        _call.Clocks.Rest();
        _call.MarkFirstUpdate();

        // A clock, the caller or the client's disposal closes a stream that nobody is reading at once; the next read says why.
        // Never taken back: the clocks forget it before the next attempt has them, or their token is not used again.
        if (_source.IsStream) _call.Clocks.Token.UnsafeRegister(static state => ((AnswerResources)state!).Leave(), _resources);
    }

    public override ValueTask<bool> ReadAsync()
    {
        if (!_resources.TryBeginRead())
            return _call.HasEnded ? new ValueTask<bool>(false) : ValueTask.FromException<bool>(Fail(new OperationCanceledException()));
        Step step;
        try
        {
            step = Next();
        }
        catch (Exception e)
        {
            Exception failure = Fail(e);
            _resources.EndRead();
            return ValueTask.FromException<bool>(failure);
        }

        if (step == Step.NeedsMore) return WaitAsync();
        EndRead(step);
        return new ValueTask<bool>(step == Step.Taken);
    }

    public override ValueTask DisposeAsync()
    {
        Close();
        _call.End(CallOutcome.Abandoned);
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the exchange and gives the buffers back; only the first call counts.</summary>
    internal void Close() => _resources.Close();

    /// <summary>What is held goes back when the attempt ends; at once, where it has ended while the request was on its way.</summary>
    private void Hold(Call call)
    {
        try
        {
            call.OnCompleted(_resources);
        }
        catch (InvalidOperationException)
        {
            Close();
            throw;
        }
    }

    private Step Next()
    {
        while (true)
        {
            if (_resources.Batch.TryTake())
            {
                _call.Fold.Append(_resources.Batch.Taken);
                Observe(isWhole: false);
                if (!_call.IsOnlyFolded) return Step.Taken;
                continue;
            }

            if (_source.IsWhole)
            {
                Observe(isWhole: true);
                return Step.Ended;
            }

            if (!_source.Parse()) return Step.NeedsMore;
        }
    }

    /// <summary>An observer's error, returned or thrown, is the caller's own and not the host's.</summary>
    private void Observe(bool isWhole)
    {
        Exception? stop;
        try
        {
            stop = isWhole ? _call.NotifyWhole() : _call.Notify(_resources.Batch.Taken);
        }
        catch (Exception e)
        {
            stop = e;
        }

        if (stop is not null) throw new ObserverStop(stop);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync()
    {
        Step step;
        try
        {
            do
            {
                await _source.FillAsync().ConfigureAwait(false);
                step = Next();
            }
            while (step == Step.NeedsMore);
        }
        catch (Exception e)
        {
            Exception failure = Fail(e);
            _resources.EndRead();
            throw failure;
        }

        EndRead(step);
        return step == Step.Taken;
    }

    /// <summary>At the end of the answer the exchange is closed first: what the attempt gives back as it ends must not be in use any more.</summary>
    private void EndRead(Step step)
    {
        _resources.EndRead();
        if (step != Step.Ended) return;
        _resources.Close();
        _call.End(CallOutcome.Succeeded);
    }

    /// <summary>Ends the attempt with an error, after the first piece of the answer: what had arrived goes with it.</summary>
    private Exception Fail(Exception error)
    {
        Exception translated;
        if (error is ObserverStop stop)
        {
            translated = stop.Reason;
        }
        else
        {
            translated = AttemptErrors.Translate(_call, _source.Provider, error, ContentType);
            if (translated is HarborException known && _call.Operation == CallOperation.Chat)
                translated = ErrorFactory.Interrupted(AnswerBuilder.Fill(new Microsoft.Extensions.AI.ChatResponse(), _call, "", isPartial: true), known);
        }

        _call.End(CallOutcome.From(translated));
        return translated;
    }

    /// <summary>Carries an observer's error past the translation: it is the caller's own, or a budget's, and not the host's.</summary>
    private sealed class ObserverStop(Exception reason) : Exception
    {
        internal Exception Reason { get; } = reason;
    }
}
