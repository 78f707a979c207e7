using System.ClientModel;
using System.Text;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using OpenAI;

namespace HarborClient.ColdStart;

/// <summary>One call each. Every method loads only what its own client needs.</summary>
internal static class Callers
{
    private const string Model = "gpt-4o-mini";
    private const string ClaudeModel = "claude-haiku-4-5";
    private const int MaxTokens = 1024;

    internal static async Task BareAsync(Uri server, string question)
    {
        using var client = new HttpClient();
        string json = $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"{{question}}"}],"temperature":0,"stream":false}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "v1/chat/completions")) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        using HttpResponseMessage response = await client.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        ArgumentOutOfRangeException.ThrowIfZero(body.Length);
    }

    internal static async Task OpenAIAsync(Uri server, string question)
    {
        var client = new OpenAI.Chat.ChatClient(Model, new ApiKeyCredential("key"), new OpenAIClientOptions { Endpoint = new Uri(server, "v1/") });
        ClientResult<OpenAI.Chat.ChatCompletion> answer = await client.CompleteChatAsync(OpenAI.Chat.ChatMessage.CreateUserMessage(question));
        ArgumentOutOfRangeException.ThrowIfZero(answer.Value.Content[0].Text.Length);
    }

    internal static async Task AnthropicAsync(Uri server, string question)
    {
        using AnthropicClient client = Create(server);
        Message answer = await client.Messages.Create(new MessageCreateParams { Model = ClaudeModel, MaxTokens = MaxTokens, Messages = [new UserMessageParam { Content = question }] });
        ArgumentOutOfRangeException.ThrowIfZero(answer.Content.Count);
    }

    internal static async Task AnthropicChatAsync(Uri server, string question)
    {
        using AnthropicClient client = Create(server);
        using IChatClient chat = client.AsIChatClient(ClaudeModel, MaxTokens);
        ChatResponse answer = await chat.GetResponseAsync(question);
        ArgumentOutOfRangeException.ThrowIfZero(answer.Text.Length);
    }

    internal static async Task HarborAsync(string mode, Uri server, string question)
    {
        await using FastClient client = FastClient.Create(h => h
            .AddOpenAI("key", o => o.Endpoint = new Uri(server, "v1/"))
            .UseDefaultModel("openai/" + Model)
            .UseMode(Enum.Parse<PerformanceMode>(mode)));
        ChatResponse answer = await client.GetResponseAsync(question);
        ArgumentOutOfRangeException.ThrowIfZero(answer.Text.Length);
    }

    /// <summary>Every provider, a Redis that nobody finds, and a new SQLite file. Not disposed: the process ends with its answer, and writing it to the file is not a part of it.</summary>
    internal static async Task LevelsAsync(Uri server, string question, string folder)
    {
        FastClient client = FastClient.Create(h => h
            .AddOpenAI("key", o => o.Endpoint = new Uri(server, "v1/"))
            .AddAzureOpenAI(server, "key")
            .AddClaude("key")
            .AddGemini("key")
            .AddZhipu("key")
            .AddZhipuLocal(new Uri(server, "v1/"))
            .AddLocal("local", new Uri(server, "v1/"))
            .UseRedisCache("127.0.0.1:1")
            .UseSqliteCache(Path.Combine(folder, $"{Environment.ProcessId}.db"))
            .UseDefaultModel("openai/" + Model)
            .UseMode(PerformanceMode.Full));
        ChatResponse answer = await client.GetResponseAsync(question, new ChatOptions { Temperature = 0 });
        ArgumentOutOfRangeException.ThrowIfZero(answer.Text.Length);
    }

    private static AnthropicClient Create(Uri server) => new(new ClientOptions { ApiKey = "key", BaseUrl = server.AbsoluteUri.TrimEnd('/') });
}
