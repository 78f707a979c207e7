using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using HarborClient.Benchmarks.Upstream;
using OpenAI;
using OpenAI.Chat;

namespace HarborClient.Benchmarks.Clients;

#pragma warning disable OPENAI001 // Seed is marked as experimental.

/// <summary>OpenAI's own SDK.</summary>
internal sealed class OpenAIPeer : IDisposable
{
    internal const string Name = "OpenAI 2.15.0";

    private readonly HttpClient _http;
    private readonly ChatClient _client;

    internal OpenAIPeer(Protocol protocol, Uri endpoint)
    {
        _http = Handlers.CreateClient(protocol);
        _client = new ChatClient("gpt-4o-mini", new ApiKeyCredential("key"), new OpenAIClientOptions { Endpoint = endpoint, Transport = new HttpClientPipelineTransport(_http) });
    }

    internal async Task<long> PlainAsync(int seed)
    {
        ClientResult<ChatCompletion> answer = await _client.CompleteChatAsync(Question(), Options(seed));
        ArgumentOutOfRangeException.ThrowIfZero(answer.Value.Content[0].Text.Length);
        return 0;
    }

    internal async Task<long> StreamAsync(int seed)
    {
        long first = 0;
        await foreach (StreamingChatCompletionUpdate update in _client.CompleteChatStreamingAsync(Question(), Options(seed)))
        {
            if (first == 0 && (update.ContentUpdate.Count > 0 || update.ToolCallUpdates.Count > 0)) first = Stopwatch.GetTimestamp();
        }

        return first;
    }

    public void Dispose() => _http.Dispose();

    private static OpenAI.Chat.ChatMessage[] Question() => [OpenAI.Chat.ChatMessage.CreateUserMessage(Words.Question)];

    private static ChatCompletionOptions Options(int seed) => new() { Temperature = 0, Seed = seed };
}
