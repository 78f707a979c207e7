using System.Text.Json;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>
/// Decides which call a fragment belongs to. The key is the index; without one, the same id is the same call, a new id or name a new call, and neither
/// the last call; a repeated index with a new id and a name, or with another name after arguments, is a new call too. Calls are numbered in the order of first sight.
/// </summary>
internal sealed class ToolCallMerger
{
    /// <summary>Twice what OpenAI lets a request offer; each call holds a buffer of its own, so an unbounded number would let a host fill the memory.</summary>
    private const int MaxCalls = 256;

    private readonly List<Entry> _calls = new(1);

    // The latest call of each index and of each id.
    private readonly Dictionary<long, int> _byIndex = [];
    private readonly Dictionary<string, int> _byId = new(StringComparer.Ordinal);

    // The latest, without its arguments.
    private ToolCallFragment _latest;

    internal void Add(in ToolCallFragment fragment, UpdateBatch batch)
    {
        _latest = fragment;
        _latest.Arguments = default;

        // Only what brings arguments can come again as the same with others.
        if (fragment.Arguments.Length == 0) batch.DoesMore();
        Merge(fragment, batch);
    }

    /// <summary>The latest fragment once more, with other arguments.</summary>
    internal void AddAgain(ReadOnlyMemory<byte> arguments, UpdateBatch batch)
    {
        ToolCallFragment fragment = _latest;
        fragment.Arguments = arguments;
        Merge(fragment, batch);
    }

    private void Merge(in ToolCallFragment fragment, UpdateBatch batch)
    {
        int position = Find(fragment);
        if (position < 0)
        {
            // A fragment with nothing in it begins no call.
            if (string.IsNullOrEmpty(fragment.Name) && string.IsNullOrEmpty(fragment.Id) && fragment.Arguments.Length == 0) return;
            position = _calls.Count;
            if (position == MaxCalls) throw new JsonException($"it has more than {MaxCalls} tool calls");
            _calls.Add(new Entry(fragment.Id));
            if (fragment.Index is { } index) _byIndex[index] = position;
            if (!string.IsNullOrEmpty(fragment.Id)) _byId[fragment.Id] = position;
            string id = string.IsNullOrEmpty(fragment.Id) ? $"call_{Guid.NewGuid():N}" : fragment.Id;
            var head = new ToolCallHead(id, fragment.Name ?? "");
            _calls[position] = _calls[position] with { Head = head, HasArguments = fragment.Arguments.Length > 0 };
            batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, fragment.Arguments, position, head));
            return;
        }

        Entry call = _calls[position];
        if (call.Head!.Name.Length == 0 && !string.IsNullOrEmpty(fragment.Name))
        {
            // The name came later than the call's first fragment.
            call = _calls[position] = call with { Head = call.Head with { Name = fragment.Name } };
            batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, fragment.Arguments, position, call.Head));
        }
        else if (fragment.Arguments.Length > 0)
        {
            if (!call.HasArguments) _calls[position] = call with { HasArguments = true };
            batch.Add(new HarborUpdate(HarborUpdateKind.ToolCall, fragment.Arguments, position));
        }
    }

    private int Find(in ToolCallFragment fragment)
    {
        bool hasId = !string.IsNullOrEmpty(fragment.Id);
        bool hasName = !string.IsNullOrEmpty(fragment.Name);
        if (fragment.Index is { } index)
        {
            if (!_byIndex.TryGetValue(index, out int position)) return -1;
            Entry call = _calls[position];
            bool isOther = hasId && hasName && call.Id != fragment.Id && call.Id is not null;
            bool isNext = !hasId && hasName && call.HasArguments && call.Head!.Name != fragment.Name;
            return isOther || isNext ? -1 : position;
        }

        if (hasId && _byId.TryGetValue(fragment.Id!, out int known)) return known;
        return hasId || hasName ? -1 : _calls.Count - 1;
    }

    private readonly record struct Entry(string? Id, ToolCallHead? Head = null, bool HasArguments = false);
}
