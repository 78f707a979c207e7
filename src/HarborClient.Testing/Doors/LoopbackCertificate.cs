using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace HarborClient.Testing.Doors;

internal static class LoopbackCertificate
{
    // Dated around the system's clock, whatever the emulator's says: the client's TLS checks the real date.
    public static X509Certificate2 Create()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());

        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 selfSigned = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));

        // Through PKCS#12, because Windows' TLS cannot use a key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(selfSigned.Export(X509ContentType.Pfx), password: null);
    }
}
