using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Http;

/// <summary>A certificate with its key, as an endpoint shows it.</summary>
/// <param name="Leaf">Has its private key.</param>
/// <param name="Context">With those that stand between it and its authority.</param>
public sealed record ServerCertificate(X509Certificate2 Leaf, SslStreamCertificateContext Context)
{
    /// <summary>Whoever renews by machine has done it by then.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <summary>That it will not do for long, for people; null where it will.</summary>
    /// <param name="file">Where it was read.</param>
    public string? EndsSoon(string file, DateTimeOffset now) =>
        Leaf.NotAfter.ToUniversalTime() - now.UtcDateTime < Soon
            ? $"The certificate in '{file}' runs out on {Day(Leaf.NotAfter)}."
            : null;

    /// <summary>Why others would not believe this node, for people; null where they will.</summary>
    /// <param name="endpoint">host:port under which they ask.</param>
    public string? Misnamed(string endpoint)
    {
        var host = new Uri($"https://{endpoint}").Host.Trim('[', ']');
        return Leaf.MatchesHostname(host)
            ? null
            : $"Others ask this node as '{host}' (node.advertise), but its certificate is for {CertificateNames.Of(Leaf)}: they will refuse it. Advertise one of these names, or have the certificate made for that one.";
    }

    /// <summary>Reads the files of <paramref name="tls"/>.</summary>
    /// <exception cref="FarmException">A file is missing or something else, the key is another one's, the certificate has run out.</exception>
    public static ServerCertificate Read(TlsSettings tls, DateTimeOffset now)
    {
        var file = tls.Certificate!;
        var content = Load("tls.certificate", file);
        var chain = IsPem(content) ? FromPem(tls, content) : FromPfx(tls, content);
        var leaf = chain[0];
        chain.RemoveAt(0);
        RequireValid(file, leaf, now);
        return new(leaf, SslStreamCertificateContext.Create(leaf, chain, offline: true));
    }

    private static byte[] Load(string key, string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var reason = error is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file"
                : error.Message.TrimEnd('.');
            throw Wrong($"{key} '{file}' can't be read: {reason}.", error: error);
        }
    }

    private static bool IsPem(byte[] content) => content.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    /// <summary>The node's own certificate is the first one of the file.</summary>
    private static X509Certificate2Collection FromPem(TlsSettings tls, byte[] content)
    {
        var chain = new X509Certificate2Collection();
        var text = System.Text.Encoding.UTF8.GetString(content);
        try
        {
            chain.ImportFromPem(text);
        }
        catch (CryptographicException error)
        {
            throw Wrong($"tls.certificate '{tls.Certificate}' is damaged.", error: error);
        }
        if (chain.Count == 0)
        {
            throw Wrong(
                $"tls.certificate '{tls.Certificate}' holds no certificate (-----BEGIN CERTIFICATE-----)."
            );
        }
        using var bare = chain[0];
        chain[0] = WithKey(tls, bare, tls.Key is null ? text : KeyText(tls.Key));
        return chain;
    }

    private static string KeyText(string file) =>
        System.Text.Encoding.UTF8.GetString(Load("tls.key", file));

    private static X509Certificate2 WithKey(TlsSettings tls, X509Certificate2 bare, string pem)
    {
        var place = tls.Key ?? tls.Certificate;
        if (!pem.Contains("PRIVATE KEY-----"))
        {
            throw Wrong(
                $"'{place}' holds no private key (-----BEGIN PRIVATE KEY-----).",
                "Name the file with the certificate's key in tls.key."
            );
        }
        var encrypted = pem.Contains("ENCRYPTED");
        if (encrypted && tls.Password.Length == 0)
        {
            throw Wrong(
                $"The key in '{place}' is encrypted.",
                "Give its password in tls.password."
            );
        }
        try
        {
            using var rsa = bare.GetRSAPublicKey() is null ? null : RSA.Create();
            using var ecdsa = rsa is null ? ECDsa.Create() : null;
            AsymmetricAlgorithm key = (AsymmetricAlgorithm?)rsa ?? ecdsa!;
            if (encrypted)
            {
                key.ImportFromEncryptedPem(pem, tls.Password);
            }
            else
            {
                key.ImportFromPem(pem);
            }
            return rsa is null ? bare.CopyWithPrivateKey(ecdsa!) : bare.CopyWithPrivateKey(rsa);
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            throw Wrong(
                $"The key in '{place}' does not fit the certificate in '{tls.Certificate}'{(encrypted ? ", or tls.password does not open it" : "")}.",
                "Name the key that the certificate was made for in tls.key.",
                error
            );
        }
    }

    private static X509Certificate2Collection FromPfx(TlsSettings tls, byte[] content)
    {
        if (tls.Key is not null)
        {
            throw Wrong(
                $"tls.certificate '{tls.Certificate}' is a PFX file or no certificate at all, and tls.key belongs to one in PEM.",
                "Leave tls.key out, or give the certificate in PEM."
            );
        }
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(content, tls.Password);
            var leaf =
                all.FirstOrDefault(one => one.HasPrivateKey)
                ?? throw Wrong($"tls.certificate '{tls.Certificate}' holds no private key.");
            all.Remove(leaf);
            all.Insert(0, leaf);
            return all;
        }
        catch (CryptographicException error)
        {
            throw Wrong(
                $"tls.certificate '{tls.Certificate}' is no PEM file, and tls.password does not open it as PFX.",
                "Check the file and its password.",
                error
            );
        }
    }

    private static void RequireValid(string file, X509Certificate2 leaf, DateTimeOffset now)
    {
        var reason =
            now > leaf.NotAfter ? $"has run out on {Day(leaf.NotAfter)}"
            : now < leaf.NotBefore ? $"is valid from {Day(leaf.NotBefore)} on only"
            : null;
        if (reason is not null)
        {
            throw Wrong(
                $"The certificate in '{file}' {reason}: nobody would believe it.",
                "Give one that is valid now, and look at the clock of this machine."
            );
        }
    }

    /// <summary>In UTC, for people.</summary>
    public static string Day(DateTime when) =>
        when.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'");

    private static FarmException Wrong(
        string message,
        string? advice = null,
        Exception? error = null
    ) => new(FarmError.BadConfiguration, message, advice, error);
}
