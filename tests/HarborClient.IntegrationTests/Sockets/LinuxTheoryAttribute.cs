namespace HarborClient.IntegrationTests.Sockets;

/// <summary>A theory that needs SSL_CERT_FILE, which .NET reads on Linux only.</summary>
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux()) Skip = "Only on Linux does .NET take trusted certificates from SSL_CERT_FILE.";
    }
}
