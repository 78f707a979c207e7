using System.Reflection;

namespace HarborClient.Tests.Architecture;

// Types as C# writes them, with the question marks of nullable references.
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(char)] = "char", [typeof(short)] = "short",
        [typeof(int)] = "int", [typeof(long)] = "long", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(uint)] = "uint", [typeof(ulong)] = "ulong",
    };

    public static string Full(Type type) => type.IsNested ? $"{Full(type.DeclaringType!)}.{Simple(type)}" : $"{type.Namespace}.{Simple(type)}{Arguments(type.GetGenericArguments(), null)}";

    public static string Simple(Type type) => type.Name.Split('`')[0];

    public static string Of(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef) return $"ref {Of(type.GetElementType()!, nullability)}";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying, null) + "?";
        string mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray) return $"{Of(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        if (Keywords.TryGetValue(type, out string? keyword)) return keyword + mark;
        return type.IsGenericType ? $"{Simple(type)}{Arguments(type.GetGenericArguments(), nullability?.GenericTypeArguments)}{mark}" : Simple(type) + mark;
    }

    private static string Arguments(Type[] arguments, NullabilityInfo[]? nullability) =>
        arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select((argument, i) => Of(argument, nullability is { } known && i < known.Length ? known[i] : null)))}>";
}
