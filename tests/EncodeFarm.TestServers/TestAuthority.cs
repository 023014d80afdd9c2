using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EncodeFarm.TestServers;

/// <summary>An authority of the test's own, and the certificates that it signs, as files.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly string _directory;
    private readonly X509Certificate2 _own;
    private byte _issued;

    public TestAuthority(string directory, string name = "test authority")
    {
        _directory = directory;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        _own = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
        File = Write($"{name}.pem", _own.ExportCertificatePem());
    }

    /// <summary>PEM with its own certificate.</summary>
    public string File { get; }

    /// <param name="hosts">Names and addresses; none for 127.0.0.1 and localhost.</param>
    public TestCertificate Issue(
        string name = "server",
        DateTimeOffset? from = null,
        DateTimeOffset? until = null,
        params string[] hosts
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Length > 0 ? hosts : ["127.0.0.1", "localhost"])
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var bare = request.Create(
            _own,
            from ?? now.AddDays(-1),
            until ?? now.AddDays(90),
            [1, 2, 3, ++_issued]
        );
        var whole = bare.CopyWithPrivateKey(key);
        return new(
            whole,
            Write($"{name}.pem", whole.ExportCertificatePem()),
            Write($"{name}.key", key.ExportPkcs8PrivateKeyPem())
        );
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _own.Dispose();
}

/// <param name="Whole">With its key.</param>
/// <param name="File">PEM without it.</param>
/// <param name="Key">PEM.</param>
public sealed record TestCertificate(X509Certificate2 Whole, string File, string Key);
