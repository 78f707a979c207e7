using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace HarborClient.Tests.Hostile;

// Everything that a failed call says: the error with all inside it, its codes, and the log. And the look for what must not be in it.
internal sealed partial class Overheard
{
    // So much of a prompt in one piece is an echo and not a coincidence.
    private const int EchoCharacters = 24;

    private readonly string _text;

    private Overheard(HarborException error, RecordedLogs logs)
    {
        Error = error;
        _text = string.Join('\n',
        [
            error.ToString(), error.Message, error.ProviderCode ?? "", error.RequestId ?? "", .. error.Attempts.Select(attempt => $"{attempt} {attempt.RequestId}"),
            .. logs.Entries.Select(entry => $"{entry.Message} {entry.Exception}"),
        ]);
    }

    public HarborException Error { get; }

    public static async Task<Overheard> OfAsync(
        HttpMessageHandler? handler,
        string prompt = "hi",
        bool isStreaming = false,
        IEnumerable<ChatMessage>? messages = null,
        Action<OpenAIOptions>? options = null)
    {
        using var logs = new RecordedLogs();
        await using FastClient client = FastClient.Create(builder => builder
            .AddOpenAI(HostileClients.Key, openAI =>
            {
                if (handler is not null) openAI.SendOnceThrough(handler);
                options?.Invoke(openAI);
            })
            .UseDefaultModel(TestClients.Model)
            .UseLoggerFactory(logs));
        messages ??= [new ChatMessage(ChatRole.User, prompt)];
        HarborException error = await HostileClients.ErrorAsync(isStreaming
            ? () => client.GetStreamingResponseAsync(messages).ToListAsync().Guarded()
            : () => client.GetResponseAsync(messages).Guarded());
        client.Outstanding().Should().Be(Outstanding.None);
        return new Overheard(error, logs);
    }

    public void ShouldNotHoldTheKey() => ShouldNotHold(HostileClients.Key, HostileClients.Key[..20]);

    public void ShouldNotHold(params string[] secrets)
    {
        string plain = Letters(_text);
        foreach (string secret in secrets)
        {
            _text.Should().NotContain(secret);
            plain.Should().NotContain(Letters(secret), "also not in escapes");
        }
    }

    // No piece of the prompt, whatever it is escaped with.
    public void ShouldNotEcho(string prompt)
    {
        string said = Letters(_text);
        string asked = Letters(prompt);
        for (int i = 0; i + EchoCharacters <= asked.Length; i++)
        {
            string piece = asked.Substring(i, EchoCharacters);
            said.Contains(piece, StringComparison.Ordinal).Should().BeFalse("'{0}' of the prompt must not be in:\n{1}", piece, _text);
        }
    }

    public void CodesShouldBeShortAndOfOneLine()
    {
        foreach (string code in new[] { Error.ProviderCode, Error.RequestId }.OfType<string>())
        {
            code.Length.Should().BeLessThanOrEqualTo(200);
            code.Any(char.IsControl).Should().BeFalse();
        }
    }

    // Letters and digits alone, with JSON's escapes undone however often they were done.
    private static string Letters(string text)
    {
        string plain = UnicodeEscape().Replace(text, match => ((char)int.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
        plain = ShortEscape().Replace(plain, "");
        var letters = new StringBuilder(plain.Length);
        foreach (char letter in plain)
        {
            if (char.IsLetterOrDigit(letter)) letters.Append(letter);
        }

        return letters.ToString();
    }

    [GeneratedRegex(@"\\+u([0-9a-fA-F]{4})")]
    private static partial Regex UnicodeEscape();

    [GeneratedRegex(@"\\+[nrtbf]")]
    private static partial Regex ShortEscape();
}
