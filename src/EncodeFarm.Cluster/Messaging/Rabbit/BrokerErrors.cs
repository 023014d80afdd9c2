using System.Security.Authentication;
using RabbitMQ.Client.Exceptions;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>What the client library throws, in words for an operator.</summary>
static class BrokerErrors
{
    /// <summary>AMQP reply codes.</summary>
    const ushort AccessRefused = 403;
    const ushort PreconditionFailed = 406;
    const ushort ResourceLocked = 405;
    const ushort NotAllowed = 530;

    public static ClusterException Explain(BrokerEndpoint broker, Exception error)
    {
        var causes = Causes(error).ToList();
        if (causes.Exists(cause => cause is PossibleAuthenticationFailureException))
        {
            return new(
                ClusterError.BrokerRefused,
                $"The broker at {broker} refuses the user '{broker.User}' or its password.",
                "Check both in the broker's address; the user 'guest' may only connect from the broker's own machine.",
                error
            );
        }
        if (causes.OfType<AuthenticationException>().FirstOrDefault() is { } tls)
        {
            return new(
                ClusterError.BrokerRefused,
                $"No secure connection with the broker at {broker}: {tls.Message}",
                "Check that the port speaks TLS, and name the authority that signed the broker's certificate.",
                error
            );
        }
        return causes
                .OfType<OperationInterruptedException>()
                .Select(cause => Refusal(broker, cause))
                .FirstOrDefault(refusal => refusal is not null)
            ?? Silence(broker, error)
            ?? new ClusterException(
                ClusterError.BrokerUnreachable,
                $"No broker answers at {broker}: {causes[^1].Message.TrimEnd('.')}.",
                "Is RabbitMQ running there, and does a firewall let this machine through?",
                error
            );
    }

    /// <summary>Connected, but an operation never ended.</summary>
    static ClusterException? Silence(BrokerEndpoint broker, Exception error) =>
        error is OperationCanceledException or TimeoutException
            ? new(
                ClusterError.BrokerUnreachable,
                $"The broker at {broker} does not answer.",
                "A broker of several nodes does so while most of them are away: 'rabbitmq-diagnostics status' and 'check_if_node_is_quorum_critical' tell.",
                error
            )
            : null;

    static ClusterException? Refusal(BrokerEndpoint broker, OperationInterruptedException error) =>
        (error.ShutdownReason?.ReplyCode ?? 0) switch
        {
            NotAllowed => new(
                ClusterError.BrokerRefused,
                $"The broker at {broker} does not let the user '{broker.User}' into the virtual host '{broker.VirtualHost}', or there is none of that name.",
                "Check the part of the broker's address after the port; 'rabbitmqctl list_vhosts' and 'list_permissions' show what there is.",
                error
            ),
            AccessRefused => new(
                ClusterError.BrokerRefused,
                $"The user '{broker.User}' may not use the farm's queues on the broker at {broker}: {error.ShutdownReason!.ReplyText}",
                "It needs the permissions to configure, write and read in the virtual host.",
                error
            ),
            PreconditionFailed or ResourceLocked => new(
                ClusterError.TopologyConflict,
                $"A queue or exchange on the broker at {broker} is not as the farm needs it: {error.ShutdownReason!.ReplyText}",
                "Delete it when nothing uses it, or choose another name for the farm.",
                error
            ),
            _ => null,
        };

    /// <summary>The exception and all that caused it, the innermost last.</summary>
    static IEnumerable<Exception> Causes(Exception error) =>
        error switch
        {
            AggregateException many => many.InnerExceptions.SelectMany(Causes).Prepend(error),
            { InnerException: { } inner } => Causes(inner).Prepend(error),
            _ => [error],
        };
}
