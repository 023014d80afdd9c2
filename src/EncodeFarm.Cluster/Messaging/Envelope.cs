namespace EncodeFarm.Cluster.Messaging;

/// <summary>A message between nodes: a versioned type name ("heartbeat.v1") and JSON. The cluster does not know what it means.</summary>
public sealed record Envelope(string Type, string Json);

/// <summary>
/// Thrown by a handler that can't read a message: it will be no more readable the next time. The transport puts it
/// aside where it can, instead of delivering it again.
/// </summary>
public sealed class UnreadableMessageException(string message, Exception? inner = null)
    : Exception(message, inner);
