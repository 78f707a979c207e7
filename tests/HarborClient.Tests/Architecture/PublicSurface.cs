using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace HarborClient.Tests.Architecture;

// What a program can compile against, one line per type and member, close to how C# writes it.
internal sealed class PublicSurface(NullabilityInfoContext nullability)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string[] Of(params Assembly[] assemblies)
    {
        var surface = new PublicSurface(new NullabilityInfoContext());
        return [.. assemblies.SelectMany(assembly => assembly.GetExportedTypes()).SelectMany(surface.LinesOf).Order(StringComparer.Ordinal)];
    }

    private IEnumerable<string> LinesOf(Type type)
    {
        string name = TypeNames.Full(type);
        yield return $"{name} : {KindOf(type)}{BasesOf(type)}";
        if (type.IsEnum)
        {
            foreach (object value in Enum.GetValues(type)) yield return $"{name} | {value} = {Convert.ToInt64(value, CultureInfo.InvariantCulture)}";
            yield break;
        }

        if (typeof(Delegate).IsAssignableFrom(type)) yield break;
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsVisible)) yield return $"{name} | {Access(constructor)}{TypeNames.Simple(type)}({Parameters(constructor)})";
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
            yield return $"{name} | {(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeNames.Of(field.FieldType, nullability.Create(field))} {field.Name}";
        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            if (PropertyLine(property) is { } line) yield return $"{name} | {line}";
        }

        foreach (EventInfo @event in type.GetEvents(Declared).Where(@event => IsVisible(@event.AddMethod!))) yield return $"{name} | event {TypeNames.Of(@event.EventHandlerType!, null)} {@event.Name}";
        foreach (MethodInfo method in type.GetMethods(Declared).Where(method => IsVisible(method) && IsWritten(method))) yield return $"{name} | {MethodLine(method)}";
    }

    private string? PropertyLine(PropertyInfo property)
    {
        MethodInfo? getter = property.GetMethod is { } get && IsVisible(get) ? get : null;
        MethodInfo? setter = property.SetMethod is { } set && IsVisible(set) ? set : null;
        if ((getter ?? setter) is not { } any || property.Name == "EqualityContract") return null;
        bool isInit = setter?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string accessors = $"{(getter is null ? "" : " get;")}{(setter is null ? "" : isInit ? " init;" : " set;")}";
        string index = property.GetIndexParameters().Length == 0 ? property.Name : $"this[{string.Join(", ", property.GetIndexParameters().Select(Parameter))}]";
        return $"{Access(any)}{required}{Modifiers(any)}{TypeNames.Of(property.PropertyType, nullability.Create(property))} {index} {{{accessors} }}";
    }

    private string MethodLine(MethodInfo method)
    {
        string generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        string extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"{Access(method)}{Modifiers(method)}{TypeNames.Of(method.ReturnType, nullability.Create(method.ReturnParameter))} {method.Name}{generic}({extension}{Parameters(method)})";
    }

    // Of records, what the compiler adds says nothing new; of properties, the accessors are shown with them.
    private static bool IsWritten(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !method.IsDefined(typeof(CompilerGeneratedAttribute)) && method.Name is not "Finalize";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface) return method.IsStatic ? "static " : "";
        bool isOverride = method.GetBaseDefinition().DeclaringType != method.DeclaringType;
        return method.IsStatic ? "static " : method.IsAbstract ? (isOverride ? "abstract override " : "abstract ") : isOverride ? "override " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";
    }

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private string Parameter(ParameterInfo parameter)
    {
        bool isByReference = parameter.ParameterType.IsByRef;
        Type type = isByReference ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        string prefix = parameter.IsOut ? "out " : parameter.IsIn && isByReference ? "in " : isByReference ? "ref " : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        return $"{prefix}{TypeNames.Of(type, nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Value(parameter) : "")}";
    }

    private static string Value(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null when parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null => "default",
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        object value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string KindOf(Type type)
    {
        if (type.IsEnum) return "enum";
        if (type.IsInterface) return "interface";
        bool isRecord = type.GetMethod("<Clone>$") is not null || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is not null);
        if (type.IsValueType) return (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (isRecord ? "record struct" : "struct");
        string modifier = type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        return typeof(Delegate).IsAssignableFrom(type) ? "delegate" : modifier + (isRecord ? "record" : "class");
    }

    private static string BasesOf(Type type)
    {
        if (type.IsEnum) return Enum.GetUnderlyingType(type) == typeof(int) ? "" : ", " + TypeNames.Of(Enum.GetUnderlyingType(type), null);
        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<Type> bases = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [parent] : [];
        string[] shown = [.. bases.Concat(type.GetInterfaces().Except(inherited).OrderBy(TypeNames.Full, StringComparer.Ordinal)).Select(item => TypeNames.Of(item, null))];
        return string.Concat(shown.Select(item => ", " + item));
    }
}
