using System.Runtime.CompilerServices;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Pools;
using HarborClient.Providers;
using HarborClient.Transport;

namespace HarborClient.Pipeline.Stages;

// Hot path: every event of a stream.

/// <summary>
/// Where an answer's updates come from: reads the body of an open exchange, tells events from plain JSON, parses, and runs the Idle clock while a read
/// is pending. Holds nothing that has to be given back; <see cref="AnswerResources"/> does.
/// </summary>
internal sealed class AnswerSource(Call call, Provider provider, AnswerResources held)
{
    /// <summary>Blanks before an answer; some hosts keep a slow connection open with them.</summary>
    private const int MaxOpeningBytes = 64 << 10;

    /// <summary>How long the end of the body is waited for after the terminal marker, so that the connection can be used again.</summary>
    private static readonly TimeSpan EndOfBodyWait = TimeSpan.FromMilliseconds(100);

    private readonly AnswerParser _parser = provider.ParserFor(call);
    private SseReader? _events;
    private bool _isOpen;
    private bool _isWaiting;

    private TimeSpan IdleLimit => call.Settings.IdleTimeout ?? call.Services.Clocks.IdleFor(call.StreamsUpstream && provider.Thinks(call));

    internal Provider Provider => provider;

    /// <summary>Whether the host answers with events, which arrive while the caller reads.</summary>
    internal bool IsStream => _events is not null;

    /// <summary>Whether the answer has come to its end; what is in the batch is the last of it.</summary>
    internal bool IsWhole { get; private set; }

    /// <summary>Reads until something the caller waits for is in the batch, or the answer is whole.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask OpenAsync()
    {
        await held.Exchange.OpenBodyAsync(call.Clocks.Token).ConfigureAwait(false);
        if (await BeginsWithEventsAsync().ConfigureAwait(false))
        {
            while (!held.Batch.HasContent && !IsWhole)
            {
                if (Parse()) KeepUsage();
                else await FillAsync().ConfigureAwait(false);
            }
        }
        else
        {
            await BodyReader.ReadAllAsync(held.Exchange.Body, held.Buffer, held.Exchange.ContentLength, provider.Limits.MaxAnswerBytes, call.Clocks.Token).ConfigureAwait(false);
            ParseBody();
            KeepUsage();
            IsWhole = held.IsAtEnd = true;
        }

        _isOpen = true;
    }

    /// <summary>Turns the next buffered event into updates; false when more bytes have to be read first.</summary>
    internal bool Parse()
    {
        if (_parser.IsTerminated) return false;
        if (_events!.TryRead())
        {
            if (_isWaiting)
            {
                _isWaiting = false;
                call.Clocks.Rest();
            }

            ParseEvent(_events.Data);
            return true;
        }

        if (!_events.IsAtEnd) return false;
        if (!_parser.MayEndHere) throw ErrorFactory.EndedEarly(call.Target!.Name, "its stream stopped without the marker that ends an answer", call.RequestId);
        IsWhole = true;
        return true;
    }

    /// <summary>What the host counts before its answer begins, or with it, has been used even if nobody reads on: the attempt may fail now, or be overtaken.</summary>
    private void KeepUsage()
    {
        if (held.Batch.LatestUsage is { } usage) call.Fold.Append(new HarborUpdate(HarborUpdateKind.Usage, usage));
    }

    private void ParseEvent(ReadOnlyMemory<byte> data)
    {
        held.Batch.BeginEvent(data.Length);
        try
        {
            _parser.ReadEvent(data, held.Batch);
        }
        catch (JsonException e) when (_events!.IsUnterminated)
        {
            throw ErrorFactory.EndedEarly(call.Target!.Name, "its stream stopped within an event", call.RequestId, e);
        }
    }

    private void ParseBody()
    {
        ReadOnlyMemory<byte> body = held.Buffer.Memory;
        held.Batch.BeginEvent(body.Length);
        try
        {
            _parser.ReadBody(body, held.Batch);
        }
        catch (JsonException e) when (AnswerFormat.IsCutJson(body.Span))
        {
            throw ErrorFactory.EndedEarly(call.Target!.Name, $"its body stopped after {body.Length:N0} bytes, within the JSON", call.RequestId, e);
        }
    }

    /// <summary>Waits for more bytes.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask FillAsync()
    {
        if (_parser.IsTerminated)
        {
            await ReadToEndAsync().ConfigureAwait(false);
            IsWhole = true;
            return;
        }

        ValueTask<int> read = _events!.BeginFill(call.Clocks.Token);
        if (!read.IsCompleted) BeginWait();
        _events.Accept(await read.ConfigureAwait(false));
    }

    private void BeginWait()
    {
        held.Batch.Rest();

        // Not restarted by bytes that make no event, such as comments: a host that only sends those is silent.
        if (_isWaiting || !_isOpen) return;
        _isWaiting = true;
        call.Clocks.Start(HarborClock.Idle, IdleLimit);
    }

    /// <summary>Reads the first bytes, until they show what the answer is.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> BeginsWithEventsAsync()
    {
        bool isAtEnd = false;
        bool? isEvents;
        while ((isEvents = AnswerFormat.IsEvents(held.Buffer.Span, held.Exchange.IsEventStream, isAtEnd)) is null)
        {
            // More blanks than this are no answer.
            if (held.Buffer.Length > MaxOpeningBytes) throw new JsonException("it begins with nothing but blanks");
            held.Buffer.EnsureFree(1);
            int count = await held.Exchange.Body.ReadAsync(held.Buffer.Free, call.Clocks.Token).ConfigureAwait(false);
            held.Buffer.Advance(count);
            isAtEnd = count == 0;
        }

        if (isEvents == true) _events = new SseReader(held.Exchange.Body, held.Buffer, isAtEnd, provider.Limits.MaxEventBytes, provider.Limits.MaxAnswerBytes);
        return isEvents == true;
    }

    /// <summary>The answer is whole. Reads up to the end of the body, which normally is here already; a host that keeps it open loses the connection instead.</summary>
    private async ValueTask ReadToEndAsync()
    {
        try
        {
            held.Buffer.Clear();

            // The second read is for a host that sends the marker's last line break by itself.
            for (int reads = 0; reads < 2 && !held.IsAtEnd; reads++)
            {
                ValueTask<int> read = held.Exchange.Body.ReadAsync(held.Buffer.Free, call.Clocks.Token);
                if (!read.IsCompleted) call.Clocks.Start(HarborClock.Idle, EndOfBodyWait);
                held.IsAtEnd = await read.ConfigureAwait(false) == 0;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or InvalidDataException)
        {
            // Nothing that happens after the terminal marker can take away from the answer.
        }
    }
}
