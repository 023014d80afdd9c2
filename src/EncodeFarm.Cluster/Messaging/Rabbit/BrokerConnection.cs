using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>Opens a connection with the client library's own repairs switched off.</summary>
static class BrokerConnection
{
    public static Task<IConnection> OpenAsync(
        BrokerEndpoint broker,
        RabbitMqOptions options,
        NodeAddress node,
        CancellationToken cancellation
    ) =>
        new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.Port,
            UserName = broker.User,
            Password = broker.Password,
            VirtualHost = broker.VirtualHost,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            SocketFactory = family => new BrokerSocket(family),
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = options.ConnectLimit,
            // Declaring a quorum queue on a loaded broker takes seconds.
            ContinuationTimeout = 4 * options.ConnectLimit,
            ClientProvidedName = $"{options.Farm} {node.Name}",
            Ssl = broker.Tls ? Secure(broker, options.Authority) : new SslOption(),
        }.CreateConnectionAsync(cancellation);

    static SslOption Secure(BrokerEndpoint broker, string? authority)
    {
        var option = new SslOption(broker.Host, enabled: true);
        try
        {
            if (authority is { } file)
            {
                var authorities = new X509Certificate2Collection();
                authorities.ImportFromPemFile(file);
                option.CertificateValidationCallback = (_, peer, _, errors) =>
                    IsSignedBy(authorities, peer, errors);
            }
        }
        catch (Exception error) when (error is IOException or CryptographicException)
        {
            throw new ClusterException(
                ClusterError.BadConfiguration,
                $"A certificate for the broker at {broker} can't be read: {error.Message}",
                inner: error
            );
        }
        return option;
    }

    /// <summary>The name must fit, as always; the chain must end at one of the given authorities.</summary>
    static bool IsSignedBy(
        X509Certificate2Collection authorities,
        X509Certificate? peer,
        SslPolicyErrors errors
    )
    {
        if (peer is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var certificate = new X509Certificate2(peer);
        return chain.Build(certificate);
    }
}
