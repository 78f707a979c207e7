using System.Numerics.Tensors;

namespace HarborClient.Caching;

/// <summary>The embedding of a question, of length 1. Immutable.</summary>
internal sealed class QuestionVector
{
    private QuestionVector(float[] values, string? model) => (Values, Model) = (values, model);

    internal ReadOnlyMemory<float> Values { get; }

    /// <summary>The model that made it, where that is known: vectors of two models cannot be compared.</summary>
    internal string? Model { get; }

    /// <returns>Null where the vector points nowhere.</returns>
    internal static QuestionVector? Of(ReadOnlySpan<float> values, string? model)
    {
        if (values.IsEmpty) return null;
        float length = TensorPrimitives.Norm(values);
        if (!float.IsFinite(length) || length <= 0) return null;
        var unit = new float[values.Length];
        TensorPrimitives.Divide(values, length, unit);
        return new QuestionVector(unit, model);
    }
}
