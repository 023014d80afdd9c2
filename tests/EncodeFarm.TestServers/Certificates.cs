using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EncodeFarm.TestServers;

/// <summary>An authority and a certificate for localhost, for tests with TLS.</summary>
static class Certificates
{
    public static string Authority(string directory) => Path.Combine(directory, "authority.pem");

    public static string Server(string directory) => Path.Combine(directory, "server.pem");

    public static string ServerKey(string directory) => Path.Combine(directory, "server.key");

    public static void Write(string directory)
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = Request("CN=test authority", authorityKey);
        authorityRequest.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(true, false, 0, true)
        );
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        using var key = RSA.Create(2048);
        var request = Request("CN=localhost", key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var server = request.Create(authority, from, until, [1, 2, 3, 4]);

        File.WriteAllText(Authority(directory), authority.ExportCertificatePem());
        File.WriteAllText(Server(directory), server.ExportCertificatePem());
        File.WriteAllText(ServerKey(directory), key.ExportPkcs8PrivateKeyPem());
    }

    static CertificateRequest Request(string name, RSA key) =>
        new(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
