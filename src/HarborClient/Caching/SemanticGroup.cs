using System.Buffers;
using System.Numerics.Tensors;

namespace HarborClient.Caching;

/// <summary>
/// Questions of one context, their vectors side by side in one piece of memory, each number as a signed byte: a quarter of what they take as they come. The question that is looked for
/// stays as it is, so that only one side is rounded. Thread-safe.
/// </summary>
internal sealed class SemanticGroup(int dimensions)
{
    private const int InitialSlots = 4;

    private readonly Lock _gate = new();

    // Guarded by _gate. What belongs to a slot lies in all three at its place.
    private readonly List<SemanticEntry> _entries = [];
    private float[] _lengths = new float[InitialSlots];
    private sbyte[] _vectors = new sbyte[InitialSlots * dimensions];

    internal int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    internal void Add(SemanticEntry entry, ReadOnlySpan<float> unit)
    {
        lock (_gate)
        {
            entry.Slot = _entries.Count;
            if (entry.Slot == _lengths.Length)
            {
                Array.Resize(ref _lengths, 2 * entry.Slot);
                Array.Resize(ref _vectors, 2 * entry.Slot * dimensions);
            }

            _entries.Add(entry);
            _lengths[entry.Slot] = Quantise(unit, VectorOf(entry.Slot));
        }
    }

    /// <summary>The last one takes its place.</summary>
    internal void Remove(SemanticEntry entry)
    {
        lock (_gate)
        {
            int last = _entries.Count - 1;
            if (entry.Slot != last)
            {
                SemanticEntry moved = _entries[last];
                VectorOf(last).CopyTo(VectorOf(entry.Slot));
                _lengths[entry.Slot] = _lengths[last];
                _entries[entry.Slot] = moved;
                moved.Slot = entry.Slot;
            }

            _entries.RemoveAt(last);
        }
    }

    /// <summary>Adds those whose similarity is at least this, and whose guard agrees.</summary>
    internal void Search(ReadOnlySpan<float> unit, QuestionGuard guard, double least, List<SemanticMatch> found)
    {
        float[] numbers = ArrayPool<float>.Shared.Rent(dimensions);
        Span<float> vector = numbers.AsSpan(0, dimensions);
        lock (_gate)
        {
            for (int i = 0; i < _entries.Count; i++)
            {
                TensorPrimitives.ConvertTruncating<sbyte, float>(VectorOf(i), vector);
                float similarity = TensorPrimitives.Dot(unit, vector) / _lengths[i];
                if (similarity >= least && guard.Agrees(_entries[i].Guard)) found.Add(new SemanticMatch(_entries[i], Math.Min(similarity, 1)));
            }
        }

        ArrayPool<float>.Shared.Return(numbers);
    }

    private Span<sbyte> VectorOf(int slot) => _vectors.AsSpan(slot * dimensions, dimensions);

    /// <returns>The length of what was made of it.</returns>
    private static float Quantise(ReadOnlySpan<float> unit, Span<sbyte> quantised)
    {
        float[] numbers = ArrayPool<float>.Shared.Rent(unit.Length);
        Span<float> scaled = numbers.AsSpan(0, unit.Length);
        TensorPrimitives.Multiply(unit, sbyte.MaxValue / Math.Abs(TensorPrimitives.MaxMagnitude(unit)), scaled);
        TensorPrimitives.Round(scaled, scaled);
        TensorPrimitives.ConvertSaturating<float, sbyte>(scaled, quantised);
        float length = TensorPrimitives.Norm(scaled);
        ArrayPool<float>.Shared.Return(numbers);
        return length;
    }
}
