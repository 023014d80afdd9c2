using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EncodeFarm.Contracts;

/// <summary>
/// Whom a client of HTTPS believes. A certificate must be valid today, be for the name that was asked, and be signed by an
/// authority that is trusted; nothing switches that off.
/// </summary>
public sealed class ServerTrust
{
    private readonly string? _file;
    private readonly X509Certificate2Collection? _authorities;

    private ServerTrust(string? file, X509Certificate2Collection? authorities) =>
        (_file, _authorities) = (file, authorities);

    /// <summary>The machine's own list of authorities.</summary>
    public static ServerTrust Machine { get; } = new(null, null);

    /// <param name="file">PEM file with the authorities' certificates, and no others count; null or "auto" for the machine's own list.</param>
    /// <exception cref="InvalidDataException">It can't be read, or holds none. The message is a sentence.</exception>
    public static ServerTrust Of(string? file)
    {
        if (file is null or "auto")
        {
            return Machine;
        }
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidDataException(
                $"The authority's certificate '{file}' can't be read: {error.Message}",
                error
            );
        }
        return authorities.Count > 0
            ? new ServerTrust(file, authorities)
            : throw new InvalidDataException(
                $"'{file}' holds no certificate of an authority in PEM (-----BEGIN CERTIFICATE-----)."
            );
    }

    /// <summary>Somebody has said whom to trust: whoever does wants TLS.</summary>
    public bool IsGiven => _file is not null;

    /// <summary>Checks servers in this way; what is wrong with one is said in words.</summary>
    public HttpMessageHandler Over(SocketsHttpHandler handler)
    {
        handler.SslOptions.RemoteCertificateValidationCallback = Judge;
        if (_authorities is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }
        return new Worded(handler);
    }

    /// <exception cref="UntrustedException">It is not to be believed.</exception>
    private bool Judge(
        object sender,
        X509Certificate? shown,
        X509Chain? chain,
        SslPolicyErrors errors
    ) =>
        errors == SslPolicyErrors.None
            ? true
            : throw new UntrustedException(
                Words(((SslStream)sender).TargetHostName, shown as X509Certificate2, chain, errors)
            );

    private string Words(
        string host,
        X509Certificate2? shown,
        X509Chain? chain,
        SslPolicyErrors errors
    )
    {
        if (shown is null)
        {
            return $"{host} shows no certificate";
        }
        var flaws = (chain?.ChainStatus ?? []).Aggregate(
            X509ChainStatusFlags.NoError,
            (all, one) => all | one.Status
        );
        if (flaws.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return $"the certificate of {host}, or its authority's, is not valid now: it is from {shown.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {shown.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        }
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            const string Untrusted = "an authority that this machine does not trust";
            return _file is null
                ? $"the certificate of {host} is signed by '{shown.Issuer}', {Untrusted}: name the PEM file with its certificate (tls.authority for nodes, --authority for clients)"
                : $"the certificate of {host} is signed by '{shown.Issuer}', {Untrusted}: it is not one of those in {_file}";
        }
        return $"the certificate of {host} is not for that name, but for {CertificateNames.Of(shown)}: ask for one of these";
    }

    private sealed class UntrustedException(string message) : AuthenticationException(message);

    /// <summary>Says what went wrong with TLS, where the libraries say that something did.</summary>
    private sealed class Worded(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellation
        )
        {
            try
            {
                return await base.SendAsync(request, cancellation);
            }
            catch (HttpRequestException error)
                when (error.HttpRequestError is HttpRequestError.SecureConnectionError)
            {
                // No inner one: many look for the innermost message.
                throw new HttpRequestException(
                    HttpRequestError.SecureConnectionError,
                    Untrusted(error)?.Message
                        ?? $"{request.RequestUri!.Authority} speaks no TLS that this machine understands ({error.GetBaseException().Message.TrimEnd('.')}); without TLS it is asked as http://{request.RequestUri.Authority}"
                );
            }
        }

        private static UntrustedException? Untrusted(Exception? error) =>
            error as UntrustedException ?? (error is null ? null : Untrusted(error.InnerException));
    }
}
