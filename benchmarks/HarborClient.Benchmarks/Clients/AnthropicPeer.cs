using System.Diagnostics;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using HarborClient.Benchmarks.Upstream;

namespace HarborClient.Benchmarks.Clients;

/// <summary>Anthropic's own SDK, by itself and as the IChatClient that it brings. Its API has no seed, and its request type no temperature.</summary>
internal sealed class AnthropicPeer : IDisposable
{
    internal const string Name = "Anthropic 13.11.0";
    internal const string ChatClientName = "Anthropic 13.11.0 as IChatClient";

    private const string Model = "claude-haiku-4-5";
    private const int MaxTokens = 1024;

    private readonly HttpClient _http;
    private readonly AnthropicClient _client;
    private readonly IChatClient _chat;

    internal AnthropicPeer(Protocol protocol, Uri endpoint)
    {
        _http = Handlers.CreateClient(protocol);
        _client = new AnthropicClient(new ClientOptions { HttpClient = _http, ApiKey = "key", BaseUrl = endpoint.AbsoluteUri });
        _chat = _client.AsIChatClient(Model, MaxTokens);
    }

    internal async Task<long> PlainAsync(int seed)
    {
        _ = seed;
        Message answer = await _client.Messages.Create(Request());
        ArgumentOutOfRangeException.ThrowIfZero(answer.Content.Count);
        return 0;
    }

    internal async Task<long> StreamAsync(int seed)
    {
        _ = seed;
        long first = 0;
        await foreach (RawMessageStreamEvent update in _client.Messages.CreateStreaming(Request()))
        {
            if (first == 0 && update.TryPickContentBlockDelta(out _)) first = Stopwatch.GetTimestamp();
        }

        return first;
    }

    internal async Task<long> ChatAsync(int seed)
    {
        _ = seed;
        ChatResponse answer = await _chat.GetResponseAsync([new Microsoft.Extensions.AI.ChatMessage(ChatRole.User, Words.Question)], new ChatOptions { Temperature = 0 });
        ArgumentOutOfRangeException.ThrowIfZero(answer.Messages.Count);
        return 0;
    }

    internal async Task<long> ChatStreamAsync(int seed)
    {
        _ = seed;
        long first = 0;
        await foreach (ChatResponseUpdate update in _chat.GetStreamingResponseAsync([new Microsoft.Extensions.AI.ChatMessage(ChatRole.User, Words.Question)], new ChatOptions { Temperature = 0 }))
        {
            if (first == 0 && update.Contents.Count > 0) first = Stopwatch.GetTimestamp();
        }

        return first;
    }

    public void Dispose()
    {
        _chat.Dispose();
        _client.Dispose();
        _http.Dispose();
    }

    private static MessageCreateParams Request() => new()
    {
        Model = Model,
        MaxTokens = MaxTokens,
        Messages = [new UserMessageParam { Content = Words.Question }],
    };
}
