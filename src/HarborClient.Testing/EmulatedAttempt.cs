using System.Globalization;
using System.Text;
using System.Text.Json;
using HarborClient.Testing.Engine;

namespace HarborClient.Testing;

/// <summary>One request as the emulator saw it, and what became of it.</summary>
/// <remarks>Live: body, counters and outcome fill in as the exchange goes on. Safe to read from any thread.</remarks>
public sealed class EmulatedAttempt
{
    private readonly Lock _gate = new();

    // Written once by the exchange, read by anyone.
    private volatile RequestBody _body = RequestBody.Unread;

    // All below are guarded by _gate.
    private AttemptOutcome _outcome = AttemptOutcome.InProgress;
    private DateTimeOffset? _endedAt;
    private int? _statusCode;
    private long _bytesSent;

    internal EmulatedAttempt(int number, DateTimeOffset receivedAt, RequestHead head)
    {
        Number = number;
        ReceivedAt = receivedAt;
        Method = head.Method;
        Path = head.Path;
        HttpVersion = head.HttpVersion;
        Headers = head.Headers;
    }

    /// <summary>Counts from 1 in order of arrival, over both doors of one emulator.</summary>
    public int Number { get; }

    /// <summary>When the request arrived, by the emulator's clock.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>The HTTP method, "POST" as a rule.</summary>
    public string Method { get; }

    /// <summary>Path and query as sent, "/v1/chat/completions".</summary>
    public string Path { get; }

    /// <summary>"HTTP/1.1" or "HTTP/2".</summary>
    public string HttpVersion { get; }

    /// <summary>Request and content headers; names in any case, of a repeated one the last.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The request body as read; empty until it was read, and where the script does not read it.</summary>
    public byte[] Body => _body.Bytes;

    /// <summary><see cref="Body"/> as UTF-8 text.</summary>
    public string BodyText => Encoding.UTF8.GetString(_body.Bytes);

    /// <summary>The body as JSON, or null if it is not JSON or was not read.</summary>
    public JsonElement? BodyJson => _body.Json;

    /// <summary>The model that the request names, if any.</summary>
    public string? Model => _body.Model;

    /// <summary>Whether the request asks for a streamed reply.</summary>
    public bool IsStreaming => _body.IsStreaming;

    /// <summary>The status sent, or null while none was.</summary>
    public int? StatusCode
    {
        get
        {
            lock (_gate)
            {
                return _statusCode;
            }
        }
    }

    /// <summary>Body bytes that left: in memory those the client has read, on a socket those written.</summary>
    public long BytesSent
    {
        get
        {
            lock (_gate)
            {
                return _bytesSent;
            }
        }
    }

    /// <summary>How it ended, or <see cref="AttemptOutcome.InProgress"/>.</summary>
    public AttemptOutcome Outcome
    {
        get
        {
            lock (_gate)
            {
                return _outcome;
            }
        }
    }

    /// <summary>When it ended, by the emulator's clock, or null while it runs.</summary>
    public DateTimeOffset? EndedAt
    {
        get
        {
            lock (_gate)
            {
                return _endedAt;
            }
        }
    }

    /// <summary>One line: number, request, status, outcome. No body, no headers.</summary>
    /// <returns>The line.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"#{Number} {Method} {Path} -> {(object?)StatusCode ?? "no status"}, {BytesSent} bytes, {Outcome}");

    internal RequestBody Request => _body;

    internal void SetBody(RequestBody body) => _body = body;

    internal void SetStatus(int statusCode)
    {
        lock (_gate)
        {
            _statusCode = statusCode;
        }
    }

    internal void CountBytes(int count)
    {
        lock (_gate)
        {
            _bytesSent += count;
        }
    }

    // The first end wins: a reset that the script asked for also looks like a client that left.
    internal bool TryEnd(AttemptOutcome outcome, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (_outcome != AttemptOutcome.InProgress) return false;
            _outcome = outcome;
            _endedAt = at;
            return true;
        }
    }
}
