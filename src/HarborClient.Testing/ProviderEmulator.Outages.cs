using System.Text.Json;

namespace HarborClient.Testing;

// When the whole provider is down, whatever its script says.
public sealed partial class ProviderEmulator
{
    /// <summary>Goes down for a while: every request that arrives meanwhile fails, and uses up no step.</summary>
    /// <param name="from">Counted from the making of this emulator, by its clock.</param>
    /// <param name="until">Up again from then on; <see cref="TimeSpan.MaxValue"/> = never.</param>
    /// <param name="failure">What a request gets; null = a refused connection.</param>
    /// <returns>This emulator.</returns>
    /// <remarks>What was already in flight goes on. Several outages may overlap; the first added decides what a request gets.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> is negative, or <paramref name="until"/> is not after it.</exception>
    public ProviderEmulator Down(TimeSpan from, TimeSpan until, EmulatedReply? failure = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(until, from);
        _engine.Outages.Add(elapsed => elapsed >= from && elapsed < until, Failure(failure));
        return this;
    }

    /// <summary>Goes up and down in turn, for ever, beginning up.</summary>
    /// <param name="up">How long it answers; more than zero.</param>
    /// <param name="down">How long it then fails; more than zero.</param>
    /// <param name="failure">What a request gets while it is down; null = a refused connection.</param>
    /// <returns>This emulator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One of the two is not more than zero.</exception>
    public ProviderEmulator Flapping(TimeSpan up, TimeSpan down, EmulatedReply? failure = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(up, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(down, TimeSpan.Zero);
        _engine.Outages.Add(elapsed => elapsed.Ticks % (up + down).Ticks >= up.Ticks, Failure(failure));
        return this;
    }

    /// <summary>Refuses with 400 what ends with a message of the assistant's, as models do that cannot continue a text.</summary>
    /// <returns>This emulator.</returns>
    /// <remarks>A rule: it goes before the script and uses up no step. Understands <c>messages</c> and Gemini's <c>contents</c>.</remarks>
    public ProviderEmulator RefuseAssistantPrefixes() => Respond(static attempt => EndsWithAssistant(attempt.BodyJson)
        ? EmulatedReply.Error(400, message: "This model does not support assistant message prefill. The conversation must end with a user message.")
        : null);

    private static Engine.ReplySettings Failure(EmulatedReply? failure) => (failure ?? new EmulatedReply().ConnectionRefused()).Settings;

    private static bool EndsWithAssistant(JsonElement? body)
    {
        if (body is not { ValueKind: JsonValueKind.Object } json) return false;
        if (!json.TryGetProperty("messages", out JsonElement messages) && !json.TryGetProperty("contents", out messages)) return false;
        return messages.ValueKind == JsonValueKind.Array
            && messages.GetArrayLength() > 0
            && messages[messages.GetArrayLength() - 1].TryGetProperty("role", out JsonElement role)
            && (role.ValueEquals("assistant") || role.ValueEquals("model"));
    }
}
