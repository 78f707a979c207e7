using System.Reflection;
using System.Xml.Linq;
using HarborClient.Testing;

namespace HarborClient.Tests.Architecture;

public sealed class PublicSurfaceTests
{
    private const string ApprovedFile = "tests/HarborClient.Tests/PublicSurface.approved.txt";
    private const string ApproveVariable = "HARBOR_APPROVE";

    private static readonly Assembly[] Packages = [typeof(FastClient).Assembly, typeof(ProviderEmulator).Assembly];

    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        string[] received = PublicSurface.Of(Packages);
        string approvedPath = Path.Combine(Repository.Root, ApprovedFile);
        if (Environment.GetEnvironmentVariable(ApproveVariable) == "1") File.WriteAllLines(approvedPath, received);
        string[] approved = File.Exists(approvedPath) ? File.ReadAllLines(approvedPath) : [];
        if (received.SequenceEqual(approved)) return;

        string receivedPath = Path.Combine(AppContext.BaseDirectory, "PublicSurface.received.txt");
        File.WriteAllLines(receivedPath, received);
        string[] changes = [.. approved.Except(received).Select(line => "- " + line), .. received.Except(approved).Select(line => "+ " + line)];
        Assert.Fail($"""
            The public surface differs from {ApprovedFile}:
            {string.Join(Environment.NewLine, changes)}

            The whole of it is in {receivedPath}. Other people's programs compile against it: if the change is meant, run
                {ApproveVariable}=1 dotnet test tests/HarborClient.Tests --filter {nameof(PublicSurfaceTests)}
            and commit the approved file with the change.
            """);
    }

    [Fact]
    public void Every_setting_documents_its_default_bounds_or_unit()
    {
        XElement[] members = [.. Packages.SelectMany(package => XDocument.Load(Path.ChangeExtension(package.Location, ".xml")).Descendants("member"))];
        IEnumerable<PropertyInfo> settings = Packages[0].GetExportedTypes()
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly));

        IEnumerable<string> undocumented = settings
            .Where(property => string.IsNullOrWhiteSpace(members.FirstOrDefault(member => (string?)member.Attribute("name") == $"P:{property.DeclaringType!.FullName}.{property.Name}")?.Element("value")?.Value))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");

        undocumented.Should().BeEmpty("<value> tells a reader what a setting is when nobody sets it, and how far it goes");
    }
}
