using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace HarborClient.Tests.Architecture;

// One top-level type: the folder its source lies in ("" = the project's own), and the top-level types of the same assembly that it uses.
internal sealed record MappedType(string Name, string Namespace, bool IsPublic, IReadOnlyList<string> Rooms, IReadOnlySet<string> Uses)
{
    public string Room => Rooms.Count == 0 ? "?" : Rooms[0];
}

// What the types of an assembly use, read from its metadata and IL; where their source lies, read from its portable PDB. Nested types, those that the
// compiler makes for lambdas and async methods among them, count as part of the type around them.
internal sealed class AssemblyMap
{
    private static readonly Guid TypeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly MetadataReader _code;
    private readonly PEReader _image;
    private readonly MetadataReader _symbols;
    private readonly string _sourceFolder;
    private readonly Dictionary<TypeDefinitionHandle, HashSet<TypeDefinitionHandle>> _uses = [];

    private AssemblyMap(PEReader image, MetadataReader symbols, string sourceFolder)
    {
        _image = image;
        _code = image.GetMetadataReader();
        _symbols = symbols;
        _sourceFolder = sourceFolder;
    }

    public IReadOnlyDictionary<string, MappedType> Types { get; private set; } = new Dictionary<string, MappedType>();

    // sourceFolder: the part of the documents' paths that ends where rooms begin, such as "src/HarborClient/".
    public static AssemblyMap Read(string assemblyFile, string sourceFolder)
    {
        using var image = new PEReader(File.OpenRead(assemblyFile));
        using MetadataReaderProvider symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assemblyFile, ".pdb")));
        var map = new AssemblyMap(image, symbols.GetMetadataReader(), sourceFolder);
        map.Read();
        return map;
    }

    private void Read()
    {
        var rooms = new Dictionary<TypeDefinitionHandle, SortedSet<string>>();
        foreach (TypeDefinitionHandle handle in _code.TypeDefinitions)
        {
            TypeDefinitionHandle outermost = Outermost(handle);
            if (!rooms.TryGetValue(outermost, out SortedSet<string>? places)) rooms.Add(outermost, places = new SortedSet<string>(StringComparer.Ordinal));
            places.UnionWith(RoomsOf(handle));
            _uses.TryAdd(outermost, []);
            ReadUses(handle, new Collector(this, _uses[outermost]));
        }

        Types = rooms.Where(entry => entry.Value.Count > 0).ToDictionary(entry => NameOf(entry.Key), entry =>
        {
            TypeDefinition type = _code.GetTypeDefinition(entry.Key);
            IEnumerable<string> uses = _uses[entry.Key].Where(used => used != entry.Key && rooms[used].Count > 0).Select(NameOf);
            return new MappedType(NameOf(entry.Key), _code.GetString(type.Namespace), (type.Attributes & System.Reflection.TypeAttributes.Public) != 0, [.. entry.Value], uses.ToHashSet());
        });
    }

    private string NameOf(TypeDefinitionHandle handle) => _code.GetString(_code.GetTypeDefinition(handle).Name).Split('`')[0];

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        while (_code.GetTypeDefinition(handle).GetDeclaringType() is { IsNil: false } outer) handle = outer;
        return handle;
    }

    private IEnumerable<string> RoomsOf(TypeDefinitionHandle handle)
    {
        var documents = new HashSet<DocumentHandle>();
        foreach (MethodDefinitionHandle method in _code.GetTypeDefinition(handle).GetMethods())
        {
            MethodDebugInformation information = _symbols.GetMethodDebugInformation(method.ToDebugInformationHandle());
            if (!information.Document.IsNil) documents.Add(information.Document);
            foreach (SequencePoint point in information.GetSequencePoints()) documents.Add(point.Document);
        }

        // Types without code, such as interfaces and enums.
        foreach (CustomDebugInformationHandle custom in _symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(custom);
            if (_symbols.GetGuid(information.Kind) != TypeDefinitionDocuments) continue;
            BlobReader blob = _symbols.GetBlobReader(information.Value);
            while (blob.RemainingBytes > 0) documents.Add(MetadataTokens.DocumentHandle(blob.ReadCompressedInteger()));
        }

        return documents.Where(document => !document.IsNil).Select(document => RoomOf(_symbols.GetString(_symbols.GetDocument(document).Name))).OfType<string>();
    }

    private string? RoomOf(string path)
    {
        path = path.Replace('\\', '/');
        int at = path.LastIndexOf(_sourceFolder, StringComparison.Ordinal);
        if (at < 0) return null;
        string relative = path[(at + _sourceFolder.Length)..];
        if (relative.StartsWith("obj/", StringComparison.Ordinal)) return null;
        int slash = relative.LastIndexOf('/');
        return slash < 0 ? "" : relative[..slash];
    }

    private void ReadUses(TypeDefinitionHandle handle, Collector collector)
    {
        TypeDefinition type = _code.GetTypeDefinition(handle);
        var context = default(NoContext);
        collector.Add(type.BaseType);
        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations()) collector.Add(_code.GetInterfaceImplementation(implemented).Interface);
        foreach (FieldDefinitionHandle field in type.GetFields()) _code.GetFieldDefinition(field).DecodeSignature(collector, context);
        foreach (PropertyDefinitionHandle property in type.GetProperties()) _code.GetPropertyDefinition(property).DecodeSignature(collector, context);
        AddConstraints(type.GetGenericParameters(), collector);
        foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
        {
            MethodDefinition method = _code.GetMethodDefinition(methodHandle);
            method.DecodeSignature(collector, context);
            AddConstraints(method.GetGenericParameters(), collector);
            if (method.RelativeVirtualAddress != 0) ReadBody(_image.GetMethodBody(method.RelativeVirtualAddress), collector);
        }
    }

    private void AddConstraints(GenericParameterHandleCollection parameters, Collector collector)
    {
        foreach (GenericParameterHandle parameter in parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in _code.GetGenericParameter(parameter).GetConstraints()) collector.Add(_code.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private void ReadBody(MethodBodyBlock body, Collector collector)
    {
        if (!body.LocalSignature.IsNil) _code.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(collector, default(NoContext));
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            if (region.Kind == ExceptionRegionKind.Catch) collector.Add(region.CatchType);
        }

        BlobReader il = body.GetILReader();
        foreach (int token in IntermediateLanguage.TokensOf(ref il)) AddMember(MetadataTokens.EntityHandle(token), collector);
    }

    private void AddMember(EntityHandle handle, Collector collector)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                collector.Add(_code.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.FieldDefinition:
                collector.Add(_code.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MemberReference:
                AddMember(_code.GetMemberReference((MemberReferenceHandle)handle).Parent, collector);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = _code.GetMethodSpecification((MethodSpecificationHandle)handle);
                specification.DecodeSignature(collector, default(NoContext));
                AddMember(specification.Method, collector);
                break;
            default:
                collector.Add(handle);
                break;
        }
    }

    private readonly struct NoContext;

    // Walks signatures and notes every type of this assembly in them.
    private sealed class Collector(AssemblyMap map, HashSet<TypeDefinitionHandle> found) : ISignatureTypeProvider<bool, NoContext>
    {
        public void Add(EntityHandle handle)
        {
            if (handle.IsNil) return;
            if (handle.Kind == HandleKind.TypeDefinition) found.Add(map.Outermost((TypeDefinitionHandle)handle));
            else if (handle.Kind == HandleKind.TypeSpecification) map._code.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, default);
        }

        public bool GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return true;
        }

        public bool GetTypeFromSpecification(MetadataReader reader, NoContext genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return true;
        }

        public bool GetArrayType(bool elementType, ArrayShape shape) => true;

        public bool GetByReferenceType(bool elementType) => true;

        public bool GetFunctionPointerType(MethodSignature<bool> signature) => true;

        public bool GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => true;

        public bool GetGenericMethodParameter(NoContext genericContext, int index) => true;

        public bool GetGenericTypeParameter(NoContext genericContext, int index) => true;

        public bool GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => true;

        public bool GetPinnedType(bool elementType) => true;

        public bool GetPointerType(bool elementType) => true;

        public bool GetPrimitiveType(PrimitiveTypeCode typeCode) => true;

        public bool GetSZArrayType(bool elementType) => true;

        public bool GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => true;
    }
}
