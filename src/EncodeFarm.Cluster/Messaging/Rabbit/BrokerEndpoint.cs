namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>One node of a broker, and who we are there.</summary>
public sealed record BrokerEndpoint(
    string Host,
    int Port,
    string User,
    string Password,
    string VirtualHost,
    bool Tls
)
{
    const int PlainPort = 5672;
    const int TlsPort = 5671;

    /// <summary>amqp://user:password@host:port/vhost. Missing parts: guest, guest, 5672 (5671 with amqps), "/".</summary>
    public static BrokerEndpoint Parse(string address)
    {
        if (
            !Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("amqp" or "amqps")
            || uri.Host.Length == 0
        )
        {
            // The address is not repeated: it may hold a password.
            throw new ClusterException(
                ClusterError.BadConfiguration,
                "The broker's address can't be read.",
                "It is written amqp://user:password@host:port/vhost (amqps:// for TLS), with special characters percent-encoded."
            );
        }
        var tls = uri.Scheme == "amqps";
        var account = uri.UserInfo.Split(':', 2);
        var path = uri.AbsolutePath.TrimStart('/');
        return new(
            uri.Host,
            uri.Port > 0 ? uri.Port
                : tls ? TlsPort
                : PlainPort,
            account[0].Length > 0 ? Uri.UnescapeDataString(account[0]) : "guest",
            account.Length > 1 ? Uri.UnescapeDataString(account[1]) : "guest",
            path.Length > 0 ? Uri.UnescapeDataString(path) : "/",
            tls
        );
    }

    /// <summary>Where it is, without the password.</summary>
    public override string ToString() => $"{Host}:{Port}";
}
