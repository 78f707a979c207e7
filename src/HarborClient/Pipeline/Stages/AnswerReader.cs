using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Transport;

namespace HarborClient.Pipeline.Stages;

// Hot path: one per attempt; ReadAsync completes synchronously for every update that is already buffered.

/// <summary>
/// The answer of one attempt, from the open exchange to its end. It owns the exchange, the read buffer and the batch, feeds the fold and the attempt's
/// observers, runs the Idle clock while a read is pending, and ends the attempt: once, whichever way it goes.
/// </summary>
internal sealed class AnswerReader : UpdateReader
{
    private const int InitialBufferBytes = 4096;

    /// <summary>Blanks before an answer; some hosts keep a slow connection open with them.</summary>
    private const int MaxOpeningBytes = 64 << 10;

    /// <summary>How long the end of the body is waited for after the terminal marker, so that the connection can be used again.</summary>
    private static readonly TimeSpan EndOfBodyWait = TimeSpan.FromMilliseconds(100);

    private readonly Call _call;
    private readonly Provider _provider;
    private readonly HttpExchange _exchange;
    private readonly AnswerParser _parser;
    private readonly UpdateBatch _batch;
    private readonly PooledBuffer _buffer;
    private readonly AnswerResources _resources;
    private readonly TimeSpan _idleLimit;
    private Stream _body = Stream.Null;
    private SseReader? _events;
    private HarborUpdate _current;
    private bool _isWaiting;
    private bool _isWhole;

    internal AnswerReader(Call call, Provider provider, HttpExchange exchange)
    {
        _call = call;
        _provider = provider;
        _exchange = exchange;
        _parser = provider.CreateParser(call);
        _batch = new UpdateBatch(call.Services.Counters);
        _buffer = new PooledBuffer(call.Services.Counters, InitialBufferBytes);
        _resources = new AnswerResources(exchange, _buffer, _batch);
        call.OnCompleted(_resources);
        _idleLimit = call.Settings.IdleTimeout ?? call.Services.Clocks.IdleFor(call.StreamsUpstream && provider.Thinks(call));
    }

    private enum Step
    {
        Taken,
        NeedsMore,
        Ended,
    }

    public override ref readonly HarborUpdate Current => ref _current;

    internal override Call? Source => _call;

    /// <summary>Reads until something the caller waits for is buffered, or the answer is whole.</summary>
    internal async ValueTask OpenAsync()
    {
        _resources.TryBeginRead();
        try
        {
            await OpenBodyAsync().ConfigureAwait(false);
        }
        finally
        {
            _resources.EndRead();
        }

        _call.Clocks.Rest();
        _call.MarkFirstUpdate();

        // A clock, the caller or the client's disposal closes a stream that nobody is reading at once; the next read says why.
        if (_events is not null) _call.CancellationToken.UnsafeRegister(static state => ((AnswerResources)state!).Close(), _resources);
    }

    private async ValueTask OpenBodyAsync()
    {
        _body = await _exchange.OpenBodyAsync(_call.CancellationToken).ConfigureAwait(false);
        if (await BeginsWithEventsAsync().ConfigureAwait(false))
        {
            while (!_batch.HasContent && !_isWhole)
            {
                if (!ParseBuffered()) await FillAsync().ConfigureAwait(false);
            }
        }
        else
        {
            await BodyReader.ReadAllAsync(_body, _buffer, _exchange.ContentHeaders.ContentLength, _provider.Limits.MaxAnswerBytes, _call.CancellationToken).ConfigureAwait(false);
            ParseBody();
            _resources.IsAtEnd = true;
            _isWhole = true;
        }
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
        _resources.EndRead();
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

    /// <summary>Reads the first bytes, until they show what the answer is.</summary>
    private async ValueTask<bool> BeginsWithEventsAsync()
    {
        bool isAtEnd = false;
        bool? isEvents;
        while ((isEvents = AnswerFormat.IsEvents(_buffer.Span, _exchange.IsEventStream, isAtEnd)) is null)
        {
            // More blanks than this are no answer.
            if (_buffer.Length > MaxOpeningBytes) throw new JsonException("it begins with nothing but blanks");
            _buffer.EnsureFree(1);
            int count = await _body.ReadAsync(_buffer.Free, _call.CancellationToken).ConfigureAwait(false);
            _buffer.Advance(count);
            isAtEnd = count == 0;
        }

        if (isEvents == true) _events = new SseReader(_body, _buffer, isAtEnd, _provider.Limits.MaxEventBytes, _provider.Limits.MaxAnswerBytes);
        return isEvents == true;
    }

    private Step Next()
    {
        while (true)
        {
            if (_batch.TryTake(out _current))
            {
                _call.Fold.Append(_current);
                Observe();
                return Step.Taken;
            }

            if (_isWhole)
            {
                _call.End(CallOutcome.Succeeded);
                return Step.Ended;
            }

            if (!ParseBuffered()) return Step.NeedsMore;
        }
    }

    /// <summary>An observer's error, returned or thrown, is the caller's own and not the host's.</summary>
    private void Observe()
    {
        Exception? stop;
        try
        {
            stop = _call.Notify(_current);
        }
        catch (Exception e)
        {
            stop = e;
        }

        if (stop is not null) throw new ObserverStop(stop);
    }

    /// <summary>Turns the next buffered event into updates; false when more bytes have to be read first.</summary>
    private bool ParseBuffered()
    {
        if (_parser.IsTerminated) return false;
        if (_events!.TryRead())
        {
            if (_isWaiting)
            {
                _isWaiting = false;
                _call.Clocks.Rest();
            }

            ParseEvent(_events.Data);
            return true;
        }

        if (!_events.IsAtEnd) return false;
        if (!_parser.MayEndHere) throw ErrorFactory.EndedEarly(_call.Target!.Name, "its stream stopped without the marker that ends an answer", _call.RequestId);
        _isWhole = true;
        return true;
    }

    private void ParseEvent(ReadOnlyMemory<byte> data)
    {
        _batch.BeginEvent(data.Length);
        try
        {
            _parser.ReadEvent(data, _batch);
        }
        catch (JsonException e) when (_events!.IsUnterminated)
        {
            throw ErrorFactory.EndedEarly(_call.Target!.Name, "its stream stopped within an event", _call.RequestId, e);
        }
    }

    private void ParseBody()
    {
        ReadOnlyMemory<byte> body = _buffer.Memory;
        _batch.BeginEvent(body.Length);
        try
        {
            _parser.ReadBody(body, _batch);
        }
        catch (JsonException e) when (AnswerFormat.IsCutJson(body.Span))
        {
            throw ErrorFactory.EndedEarly(_call.Target!.Name, $"its body stopped after {body.Length:N0} bytes, within the JSON", _call.RequestId, e);
        }
    }

    private async ValueTask<bool> WaitAsync()
    {
        try
        {
            while (true)
            {
                await FillAsync().ConfigureAwait(false);
                Step step = Next();
                if (step != Step.NeedsMore) return step == Step.Taken;
            }
        }
        catch (Exception e)
        {
            throw Fail(e);
        }
        finally
        {
            _resources.EndRead();
        }
    }

    private async ValueTask FillAsync()
    {
        if (_parser.IsTerminated)
        {
            await ReadToEndAsync().ConfigureAwait(false);
            _isWhole = true;
            return;
        }

        ValueTask<int> read = _events!.BeginFill(_call.CancellationToken);
        if (!read.IsCompleted && !_isWaiting && _call.TimeToFirstUpdate is not null)
        {
            // Not restarted by bytes that make no event, such as comments: a host that only sends those is silent.
            _isWaiting = true;
            _call.Clocks.Start(HarborClock.Idle, _idleLimit);
        }

        _events.Accept(await read.ConfigureAwait(false));
    }

    /// <summary>The answer is whole. Reads up to the end of the body, which normally is here already; a host that keeps it open loses the connection instead.</summary>
    private async ValueTask ReadToEndAsync()
    {
        bool isAtEnd = false;
        try
        {
            _buffer.Clear();

            // The second read is for a host that sends the marker's last line break by itself.
            for (int reads = 0; reads < 2 && !isAtEnd; reads++)
            {
                ValueTask<int> read = _body.ReadAsync(_buffer.Free, _call.CancellationToken);
                if (!read.IsCompleted) _call.Clocks.Start(HarborClock.Idle, EndOfBodyWait);
                isAtEnd = await read.ConfigureAwait(false) == 0;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or InvalidDataException)
        {
            // Nothing that happens after the terminal marker can take away from the answer.
        }

        _resources.IsAtEnd = isAtEnd;
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
            translated = AttemptErrors.Translate(_call, _provider, error);
            if (translated is HarborException known && _call.Operation == CallOperation.Chat)
                translated = ErrorFactory.Interrupted(AnswerBuilder.Fill(new Microsoft.Extensions.AI.ChatResponse(), _call.Fold, "", isPartial: true), known);
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
