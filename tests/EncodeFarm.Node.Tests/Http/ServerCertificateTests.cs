using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Tests.Http;

public sealed class ServerCertificateTests : IDisposable
{
    private readonly TestDirectory _files = new();
    private readonly TestAuthority _authority;
    private readonly TestCertificate _good;

    public ServerCertificateTests()
    {
        _authority = new TestAuthority(_files.Path);
        _good = _authority.Issue();
    }

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void Certificate_and_key_may_be_in_one_file_with_those_between_it_and_its_authority()
    {
        var all = _authority.Write(
            "all.pem",
            File.ReadAllText(_good.Key)
                + "\n"
                + File.ReadAllText(_good.File)
                + "\n"
                + File.ReadAllText(_authority.File)
        );

        Read(new(all)).Leaf.Subject.ShouldBe("CN=server");
    }

    [Fact]
    public void A_key_with_a_password_is_opened()
    {
        using var key = _good.Whole.GetECDsaPrivateKey()!;
        var parameters = new PbeParameters(
            PbeEncryptionAlgorithm.Aes256Cbc,
            HashAlgorithmName.SHA256,
            1000
        );
        var locked = _authority.Write(
            "locked.key",
            key.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters)
        );

        Read(new(_good.File, locked, "secret")).Leaf.HasPrivateKey.ShouldBeTrue();
        Refusal(new(_good.File, locked)).ShouldContain("Give its password in tls.password.");
        Refusal(new(_good.File, locked, "wrong")).ShouldContain("or tls.password does not open it");
    }

    [Fact]
    public void An_rsa_key_will_do()
    {
        using var key = RSA.Create(2048);
        using var own = new CertificateRequest(
            "CN=self",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20));
        var file = _authority.Write("rsa.pem", own.ExportCertificatePem());
        var rsa = _authority.Write("rsa.key", key.ExportRSAPrivateKeyPem());

        Read(new(file, rsa)).Leaf.HasPrivateKey.ShouldBeTrue();
        Refusal(new(file, _good.Key)).ShouldContain("does not fit the certificate");
    }

    [Fact]
    public void What_is_wrong_with_the_files_is_said()
    {
        var other = _authority.Issue("other");
        var words = _files.Write("words.pem", "no certificate");

        Refusal(new("/nowhere/server.pem"))
            .ShouldBe(
                "tls.certificate '/nowhere/server.pem' can't be read: there is no such file."
            );
        Refusal(new(_good.File, "/nowhere/server.key"))
            .ShouldBe("tls.key '/nowhere/server.key' can't be read: there is no such file.");
        Refusal(new(_good.File))
            .ShouldBe(
                $"'{_good.File}' holds no private key (-----BEGIN PRIVATE KEY-----). Name the file with the certificate's key in tls.key."
            );
        Refusal(new(_good.Key)).ShouldContain("holds no certificate");
        Refusal(new(_good.File, other.Key))
            .ShouldBe(
                $"The key in '{other.Key}' does not fit the certificate in '{_good.File}'. Name the key that the certificate was made for in tls.key."
            );
        Refusal(new(words))
            .ShouldContain("is no PEM file, and tls.password does not open it as PFX");
        Refusal(new(words, _good.Key)).ShouldContain("Leave tls.key out");
    }

    [Fact]
    public void A_certificate_is_taken_in_its_time_only()
    {
        var now = DateTimeOffset.UtcNow;
        var old = _authority.Issue("old", now.AddDays(-9), now.AddDays(-2));
        var young = _authority.Issue("young", now.AddDays(2), now.AddDays(9));

        Refusal(new(old.File, old.Key))
            .ShouldStartWith(
                $"The certificate in '{old.File}' has run out on {ServerCertificate.Day(old.Whole.NotAfter)}"
            );
        Refusal(new(young.File, young.Key)).ShouldContain("is valid from");
    }

    [Fact]
    public void An_authority_that_is_none_is_said()
    {
        Should
            .Throw<InvalidDataException>(() => ServerTrust.Of("/nowhere/ca.pem"))
            .Message.ShouldStartWith("The authority's certificate '/nowhere/ca.pem' can't be read");
        Should
            .Throw<InvalidDataException>(() => ServerTrust.Of(_good.Key))
            .Message.ShouldContain("holds no certificate of an authority");
    }

    private static ServerCertificate Read(TlsSettings tls) =>
        ServerCertificate.Read(tls, DateTimeOffset.UtcNow);

    private static string Refusal(TlsSettings tls) =>
        Should.Throw<FarmException>(() => Read(tls)).Message;
}
