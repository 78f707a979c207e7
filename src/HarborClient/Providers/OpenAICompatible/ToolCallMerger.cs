using System.Text.Json;

namespace HarborClient.Providers.OpenAICompatible;

/// <summary>
/// Decides which call a fragment belongs to. The key is the index; without one, the same id is the same call, a new id or name a new call, and neither
/// the last call; a repeated index with a new id and a name, or with another name after arguments, is a new call too. Calls are numbered in the order of first sight.
/// </summary>
internal sealed class ToolCallMerger
{
    /// <summary>Twice what OpenAI lets a request offer. Each fragment looks through the calls before it, so an unbounded number would let a host stall its reader.</summary>
    private const int MaxCalls = 256;

    private readonly List<Entry> _calls = new(1);

    internal void Add(in ToolCallFragment fragment, UpdateBatch batch)
    {
        int position = Find(fragment);
        if (position < 0)
        {
            // A fragment with nothing in it begins no call.
            if (string.IsNullOrEmpty(fragment.Name) && string.IsNullOrEmpty(fragment.Id) && fragment.Arguments.Length == 0) return;
            position = _calls.Count;
            if (position == MaxCalls) throw new JsonException($"it has more than {MaxCalls} tool calls");
            _calls.Add(new Entry(fragment.Index, fragment.Id));
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
        for (int i = _calls.Count - 1; i >= 0; i--)
        {
            Entry call = _calls[i];
            bool sameId = hasId && call.Id == fragment.Id;
            if (fragment.Index is { } index)
            {
                if (call.Index != index) continue;
                bool isOther = hasId && hasName && !sameId && call.Id is not null;
                bool isNext = !hasId && hasName && call.HasArguments && call.Head!.Name != fragment.Name;
                return isOther || isNext ? -1 : i;
            }

            if (sameId) return i;
        }

        if (fragment.Index is not null || hasId || hasName) return -1;
        return _calls.Count - 1;
    }

    private readonly record struct Entry(long? Index, string? Id, ToolCallHead? Head = null, bool HasArguments = false);
}
