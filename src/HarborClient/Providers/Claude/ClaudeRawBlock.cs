using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers.Claude;

/// <summary>
/// A block that the client does not read: what started it, with the pieces that followed put in their places. A text piece is added to the member of its
/// name, <c>partial_json</c> is the input, and anything else replaces its member.
/// </summary>
internal sealed class ClaudeRawBlock(byte[] start)
{
    /// <summary>Blocks have three or four members that grow, if any.</summary>
    private const int MaxMembers = 16;

    private const string Input = "input";

    private List<Member>? _members;

    /// <summary>Takes a piece in. The reader stands on its object.</summary>
    internal void Merge(ref Utf8JsonReader json, ReadOnlyMemory<byte> data, UpdateBatch batch)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = JsonLenient.CurrentText(ref json) ?? "";
            json.Read();
            int begin = (int)json.TokenStartIndex;
            if (name == "type")
            {
                json.Skip();
            }
            else if (json.TokenType == JsonTokenType.String)
            {
                bool isInput = name == "partial_json";
                if (MemberOf(isInput ? Input : name, isText: !isInput) is { } member) member.Value.Write(batch.TextOf(ref json, data).Span);
            }
            else
            {
                json.Skip();
                if (json.TokenType == JsonTokenType.Null || MemberOf(name, isText: false) is not { } member) continue;
                member.Value.ResetWrittenCount();
                member.Value.Write(data.Span[begin..(int)json.BytesConsumed]);
            }
        }
    }

    /// <summary>The whole block as content.</summary>
    internal AIContent ToContent() => ClaudeContents.Of(_members is null ? JsonElement.Parse(start) : JsonElement.Parse(Joined()));

    private Member? MemberOf(string name, bool isText)
    {
        _members ??= new List<Member>(1);
        foreach (Member known in _members)
        {
            if (known.Name == name) return known.IsText == isText ? known : null;
        }

        if (_members.Count == MaxMembers) return null;
        var member = new Member(name, isText, new ArrayBufferWriter<byte>(256));
        _members.Add(member);
        return member;
    }

    private ReadOnlySpan<byte> Joined()
    {
        var body = new ArrayBufferWriter<byte>(start.Length + 256);
        using var writer = new Utf8JsonWriter(body, RequestJson.WriterOptions);
        writer.WriteStartObject();
        var json = new Utf8JsonReader(start);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = JsonLenient.CurrentText(ref json) ?? "";
            writer.WritePropertyName(name);
            json.Read();
            int begin = (int)json.TokenStartIndex;
            Member? member = _members!.Find(candidate => candidate.Name == name);
            string before = member is { IsText: true } && json.TokenType == JsonTokenType.String ? JsonLenient.CurrentText(ref json)! : "";
            json.Skip();
            ReadOnlySpan<byte> value = start.AsSpan(begin..(int)json.BytesConsumed);
            if (member is null) writer.WriteRawValue(value, skipInputValidation: true);
            else member.Write(writer, before, otherwise: value);
        }

        foreach (Member member in _members!)
        {
            if (member.IsWritten) continue;
            writer.WritePropertyName(member.Name);
            member.Write(writer, "", otherwise: "null"u8);
        }

        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenSpan;
    }

    private sealed record Member(string Name, bool IsText, ArrayBufferWriter<byte> Value)
    {
        internal bool IsWritten { get; private set; }

        internal void Write(Utf8JsonWriter json, string before, ReadOnlySpan<byte> otherwise)
        {
            IsWritten = true;

            // An input that was cut is no JSON; what the block started with is all there is then.
            if (IsText) json.WriteStringValue(before + System.Text.Encoding.UTF8.GetString(Value.WrittenSpan));
            else json.WriteRawValue(IsJson(Value.WrittenSpan) ? Value.WrittenSpan : otherwise, skipInputValidation: true);
        }

        private static bool IsJson(ReadOnlySpan<byte> text)
        {
            var json = new Utf8JsonReader(text);
            try
            {
                return json.Read() && json.TrySkip() && !json.Read();
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
