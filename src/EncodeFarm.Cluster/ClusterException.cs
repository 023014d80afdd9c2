namespace EncodeFarm.Cluster;

/// <summary>What went wrong, as far as a caller must tell it apart.</summary>
public enum ClusterError
{
    /// <summary>A setting of the cluster is wrong: a broker's address, a certificate, a node's name.</summary>
    BadConfiguration,

    /// <summary>No broker answers at the addresses given.</summary>
    BrokerUnreachable,

    /// <summary>The broker refuses the user, the password or the virtual host.</summary>
    BrokerRefused,

    /// <summary>A queue or exchange of ours exists already and is of another kind.</summary>
    TopologyConflict,

    /// <summary>The question was not answered in time.</summary>
    NoAnswer,

    /// <summary>The question was answered with an error, whose words are the message.</summary>
    Refused,

    /// <summary>A member can't be brought into that state.</summary>
    IllegalTransition,
}

/// <summary>An error that an operator can act on: what failed, where, and what to do. The message is shown as it stands.</summary>
public sealed class ClusterException(
    ClusterError error,
    string message,
    string? advice = null,
    Exception? inner = null
) : Exception(advice is null ? message : $"{message} {advice}", inner)
{
    public ClusterError Error { get; } = error;
}
