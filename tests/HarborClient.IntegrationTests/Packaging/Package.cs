using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace HarborClient.IntegrationTests.Packaging;

/// <summary>The content of one package and of its symbols.</summary>
internal sealed class Package(string path)
{
    private readonly Dictionary<string, byte[]> _files = Read(path);
    private readonly Dictionary<string, byte[]> _symbols = Read(System.IO.Path.ChangeExtension(path, ".snupkg"));

    internal IEnumerable<string> Files => _files.Keys;

    internal IEnumerable<string> Symbols => _symbols.Keys;

    /// <summary>Everything in it, for searches.</summary>
    internal IEnumerable<KeyValuePair<string, byte[]>> Everything => _files.Concat(_symbols);

    internal string Readme => Encoding.UTF8.GetString(_files["README.md"]).ReplaceLineEndings("\n");

    internal byte[] Pdb(string id) => _symbols[$"lib/net10.0/{id}.pdb"];

    internal string? Metadata(string element) => Element(element)?.Value;

    internal string? MetadataAttribute(string element, string attribute) => Element(element)?.Attribute(attribute)?.Value;

    /// <summary>The dependencies as "id version".</summary>
    internal IEnumerable<string> Dependencies =>
        from dependency in Nuspec().Descendants()
        where dependency.Name.LocalName == "dependency"
        select $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value}";

    private XElement? Element(string name) => Nuspec().Descendants().FirstOrDefault(element => element.Name.LocalName == name);

    private XDocument Nuspec() => XDocument.Load(new MemoryStream(_files.Single(file => file.Key.EndsWith(".nuspec", StringComparison.Ordinal)).Value));

    private static Dictionary<string, byte[]> Read(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using Stream content = entry.Open();
            var bytes = new MemoryStream();
            content.CopyTo(bytes);
            return bytes.ToArray();
        });
    }
}
