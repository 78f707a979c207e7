using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace HarborClient.Providers;

// Hot path: an agent sends the same twenty tools with every request, a third of its bytes.

/// <summary>
/// Declarations of functions as one dialect writes them. Each is written once and kept for as long as its function lives, which this does not prolong.
/// </summary>
/// <remarks>
/// A function's name, description, schema and strictness are compared with what was written, because they can be overridden and say something else the
/// next time; where one differs, it is written anew. What else a dialect writes it must write itself.
/// </remarks>
internal sealed class DeclaredTools
{
    // One a dialect; changed under its own lock.
    private static readonly List<DeclaredTools> All = [];

    private readonly Action<Utf8JsonWriter, AIFunctionDeclaration> _write;
    private readonly ConditionalWeakTable<AIFunctionDeclaration, Declaration> _written = [];

    internal DeclaredTools(Action<Utf8JsonWriter, AIFunctionDeclaration> write)
    {
        _write = write;
        lock (All) All.Add(this);
    }

    /// <summary>Forgets everything that any dialect has written; it is written anew when it is needed.</summary>
    internal static void ClearAll()
    {
        lock (All)
        {
            foreach (DeclaredTools tools in All) tools._written.Clear();
        }
    }

    /// <summary>Writes a function, as it was written before where nothing of it has changed.</summary>
    internal void Write(Utf8JsonWriter json, AIFunctionDeclaration function)
    {
        if (!_written.TryGetValue(function, out Declaration? declaration) || !declaration.IsOf(function))
        {
            declaration = new Declaration(function, _write);
            _written.AddOrUpdate(function, declaration);
        }

        json.WriteRawValue(declaration.Json, skipInputValidation: true);
    }

    /// <summary>Whether a function asks for strict arguments; null where it says nothing.</summary>
    internal static bool? IsStrict(AIFunctionDeclaration function) => function.AdditionalProperties.TryGetValue("strict", out object? strict) ? strict as bool? : null;

    /// <summary>What was written of a function, and of what it was written.</summary>
    private sealed class Declaration
    {
        private readonly string _name;
        private readonly string? _description;
        private readonly byte[] _schema;
        private readonly bool? _isStrict;

        internal Declaration(AIFunctionDeclaration function, Action<Utf8JsonWriter, AIFunctionDeclaration> write)
        {
            _name = function.Name;
            _description = function.Description;
            _schema = TextOf(function.JsonSchema).ToArray();
            _isStrict = IsStrict(function);
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer, RequestJson.WriterOptions)) write(json, function);
            Json = buffer.WrittenSpan.ToArray();
        }

        internal byte[] Json { get; }

        internal bool IsOf(AIFunctionDeclaration function) =>
            function.Name == _name && function.Description == _description && IsStrict(function) == _isStrict && TextOf(function.JsonSchema).SequenceEqual(_schema);

        /// <summary>A copy is kept of it and no element, whose document its owner may dispose.</summary>
        private static ReadOnlySpan<byte> TextOf(JsonElement schema) => schema.ValueKind == JsonValueKind.Undefined ? default : JsonMarshal.GetRawUtf8Value(schema);
    }
}
