using System.Buffers;
using System.Text.Json;
using HarborClient.Costs;
using HarborClient.Providers.Claude;
using HarborClient.Providers.Gemini;
using HarborClient.Providers.OpenAICompatible;
using Microsoft.Extensions.AI;

namespace HarborClient.Tests.Robustness;

// A million random usages of every dialect, read by its own reader: the parts add up to the provider's totals, none is negative, and the cost is that of a reckoning in
// decimal that shares no code with the library's.
[Collection(RobustnessCollection.Name)]
public sealed class UsageTests
{
    private const int Usages = 1_000_000;
    private const int Prices = 997;

    private delegate UsageDetails? Read(ref Utf8JsonReader json);

    public static TheoryData<string> Dialects => ["chat completions", "responses", "claude", "gemini"];

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Parts_add_up_and_cost_what_decimals_say(string dialect)
    {
        Price[] prices = [.. Enumerable.Range(0, Prices).Select(i => new Price(new Random(i)))];
        int halves = Environment.ProcessorCount;
        Parallel.For(0, halves, half =>
        {
            var random = new Random(half);
            var buffer = new ArrayBufferWriter<byte>(1024);
            using var json = new Utf8JsonWriter(buffer);
            for (int i = half; i < Usages; i += halves)
            {
                var made = new Counts(random);
                buffer.ResetWrittenCount();
                json.Reset(buffer);
                made.Write(json, dialect);
                json.Flush();
                Expected expected = made.Expect(dialect);

                var reader = new Utf8JsonReader(buffer.WrittenSpan);
                reader.Read();
                reader.Read();
                BilledTokens parts = ReaderOf(dialect)(ref reader) is { } usage ? BilledTokens.From(usage) : default;

                Price price = prices[i % Prices];
                if (parts != expected.Parts || parts.Input != expected.Input || parts.Output != expected.Output || IsNegative(parts) || price.Row.PriceOf(parts, DateTimeOffset.UnixEpoch, null, TimeSpan.Zero)!.Value.NanoUsd != price.Nano(expected))
                    Assert.Fail($"{System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan)}: {parts}, expected {expected}, cost {price.Row.PriceOf(parts, DateTimeOffset.UnixEpoch, null, TimeSpan.Zero)}, expected {price.Nano(expected)}");
            }
        });
        TestReport.Add($"usages: {Usages} of {dialect}, cost as reckoned in decimal");
    }

    private static bool IsNegative(in BilledTokens parts) =>
        long.IsNegative(parts.PlainInput | parts.CachedInput | parts.CacheWrite | parts.CacheWriteOneHour | parts.AudioInput | parts.ImageInput | parts.PlainOutput | parts.Reasoning | parts.AudioOutput | parts.Searches);

    private static Read ReaderOf(string dialect) => dialect switch
    {
        "claude" => static (ref Utf8JsonReader json) =>
        {
            var usage = new ClaudeUsage();
            return usage.Read(ref json) ? usage.ToDetails() : null;
        },
        "gemini" => static (ref Utf8JsonReader json) => new GeminiUsage().Read(ref json),
        _ => UsageReader.Read,
    };

    // What a host counts, in the terms of its own documentation; null is a count that it does not report. Every tenth part contradicts its whole.
    private sealed class Counts
    {
        private readonly long? _input;
        private readonly long? _output;
        private readonly long? _cached;
        private readonly long? _written;
        private readonly long? _long;
        private readonly long? _sound;
        private readonly long? _image;
        private readonly long? _reasoning;
        private readonly long? _spoken;
        private readonly long? _searches;
        private readonly bool _isApart;

        internal Counts(Random random)
        {
            long Some(long most) => random.Next(10) switch { 0 => 0, 1 => random.NextInt64(most * 2 + 2), _ => random.NextInt64(most + 1) };
            long? Maybe(long most) => random.Next(4) == 0 ? null : Some(most);
            _input = random.NextInt64(400_000);
            _output = random.NextInt64(60_000);
            _cached = Maybe(_input.Value);
            _written = Maybe(_input.Value / 2);
            _long = _written is { } written ? Maybe(written) : null;
            _sound = Maybe(_input.Value / 4);
            _image = Maybe(_input.Value / 4);
            _reasoning = Maybe(_output.Value);
            _spoken = Maybe(_output.Value / 4);
            _searches = Maybe(10);
            _isApart = random.Next(8) == 0;
        }

        internal void Write(Utf8JsonWriter json, string dialect)
        {
            json.WriteStartObject();
            json.WriteStartObject("usage");
            switch (dialect)
            {
                case "claude": WriteClaude(json); break;
                case "gemini": WriteGemini(json); break;
                default: WriteOpenAI(json, dialect == "responses"); break;
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        internal Expected Expect(string dialect) => dialect switch
        {
            "claude" => ExpectClaude(),
            "gemini" => Divide(_input!.Value, _output!.Value + (_reasoning ?? 0), _cached, 0, 0, _sound, _image, _reasoning, _spoken, 0),

            // Some hosts count reasoning beside the output: the sum says so, or it is more than the whole.
            _ => Divide(_input!.Value, _output!.Value + (_reasoning is > 0 and { } more && (more > _output || IsApart) ? more : 0), _cached, _written ?? 0, 0, _sound, _image, _reasoning, _spoken, 0),
        };

        private bool IsApart => _isApart && _reasoning is > 0;

        private void WriteOpenAI(Utf8JsonWriter json, bool isResponses)
        {
            json.WriteNumber(isResponses ? "input_tokens" : "prompt_tokens", _input!.Value);
            json.WriteNumber(isResponses ? "output_tokens" : "completion_tokens", _output!.Value);
            json.WriteNumber("total_tokens", _input.Value + _output.Value + (IsApart ? _reasoning!.Value : 0));
            json.WriteStartObject(isResponses ? "input_tokens_details" : "prompt_tokens_details");
            Number(json, "cached_tokens", _cached);
            Number(json, "cache_write_tokens", _written);
            Number(json, "audio_tokens", _sound);
            Number(json, "image_tokens", _image);
            json.WriteEndObject();
            json.WriteStartObject(isResponses ? "output_tokens_details" : "completion_tokens_details");
            Number(json, "reasoning_tokens", _reasoning);
            Number(json, "audio_tokens", _spoken);
            json.WriteEndObject();
        }

        private void WriteClaude(Utf8JsonWriter json)
        {
            json.WriteNumber("input_tokens", _input!.Value);
            json.WriteNumber("output_tokens", _output!.Value);
            Number(json, "cache_read_input_tokens", _cached);
            Number(json, "cache_creation_input_tokens", _written);
            if (_long is not null)
            {
                json.WriteStartObject("cache_creation");
                json.WriteNumber("ephemeral_5m_input_tokens", Math.Max(0, (_written ?? 0) - _long.Value));
                json.WriteNumber("ephemeral_1h_input_tokens", _long.Value);
                json.WriteEndObject();
            }

            json.WriteStartObject("server_tool_use");
            Number(json, "web_search_requests", _searches);
            json.WriteEndObject();
            json.WriteStartObject("output_tokens_details");
            Number(json, "thinking_tokens", _reasoning);
            json.WriteEndObject();
        }

        private void WriteGemini(Utf8JsonWriter json)
        {
            json.WriteNumber("promptTokenCount", _input!.Value);
            json.WriteNumber("candidatesTokenCount", _output!.Value);
            Number(json, "thoughtsTokenCount", _reasoning);
            Number(json, "cachedContentTokenCount", _cached);
            json.WriteStartArray("promptTokensDetails");
            Kind(json, "TEXT", 1);
            if (_sound is { } sound) Kind(json, "AUDIO", sound);
            if (_image is { } image) Kind(json, "IMAGE", image);
            json.WriteEndArray();
            json.WriteStartArray("candidatesTokensDetails");
            if (_spoken is { } spoken) Kind(json, "AUDIO", spoken);
            json.WriteEndArray();
        }

        // Claude counts what it read from and wrote to its cache beside the input.
        private Expected ExpectClaude()
        {
            long written = _written ?? 0, oneHour = Math.Min(_long ?? 0, written);
            return Divide(_input!.Value + (_cached ?? 0) + written, _output!.Value, _cached, written, oneHour, null, null, _reasoning, null, _searches ?? 0);
        }

        private static Expected Divide(long input, long output, long? cached, long written, long oneHour, long? sound, long? image, long? reasoning, long? spoken, long searches)
        {
            // More cached tokens than input are beside it.
            if (cached > input) input += cached.Value;
            long read = cached ?? 0;
            long wrote = Math.Min(written, input - read);
            long kept = Math.Min(oneHour, wrote);
            long seen = Math.Min(image ?? 0, input - read - wrote);
            long heard = Math.Min(sound ?? 0, input - read - wrote - seen);
            long thought = Math.Min(reasoning ?? 0, output);
            long said = Math.Min(spoken ?? 0, output - thought);
            return new Expected(input, output, new BilledTokens(input - read - wrote - seen - heard, read, wrote - kept, kept, heard, seen, output - thought - said, thought, said, searches));
        }

        private static void Number(Utf8JsonWriter json, string name, long? count)
        {
            if (count is { } known) json.WriteNumber(name, known);
            else json.WriteNull(name);
        }

        private static void Kind(Utf8JsonWriter json, string kind, long count)
        {
            json.WriteStartObject();
            json.WriteString("modality", kind);
            json.WriteNumber("tokenCount", count);
            json.WriteEndObject();
        }
    }

    private readonly record struct Expected(long Input, long Output, BilledTokens Parts);

    // Prices of up to six decimals for a million tokens, as lists have them.
    private sealed class Price
    {
        private readonly decimal[] _usd;

        internal Price(Random random)
        {
            _usd = [.. Enumerable.Range(0, 10).Select(_ => random.Next(100_000_000) / 1_000_000m)];
            Row = new ModelPrice
            {
                InputPerMillionTokens = _usd[0],
                CachedInputPerMillionTokens = _usd[1],
                CacheWritePerMillionTokens = _usd[2],
                CacheWriteOneHourPerMillionTokens = _usd[3],
                AudioInputPerMillionTokens = _usd[4],
                OutputPerMillionTokens = _usd[6],
                ReasoningPerMillionTokens = _usd[7],
                AudioOutputPerMillionTokens = _usd[8],
                PerSearch = _usd[9],
            }.ToRow("test/model");
        }

        internal PriceRow Row { get; }

        // An image costs what input costs. The whole is rounded once, halves up.
        internal long Nano(in Expected expected)
        {
            BilledTokens parts = expected.Parts;
            decimal millionths = ((parts.PlainInput + parts.ImageInput) * _usd[0]) + (parts.CachedInput * _usd[1]) + (parts.CacheWrite * _usd[2]) + (parts.CacheWriteOneHour * _usd[3])
                + (parts.AudioInput * _usd[4]) + (parts.PlainOutput * _usd[6]) + (parts.Reasoning * _usd[7]) + (parts.AudioOutput * _usd[8]);
            return (long)decimal.Floor((millionths * 1_000m) + (parts.Searches * _usd[9] * 1_000_000_000m) + 0.5m);
        }
    }
}
