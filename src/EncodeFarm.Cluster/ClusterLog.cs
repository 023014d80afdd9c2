namespace EncodeFarm.Cluster;

public enum ClusterLogLevel
{
    Info,
    Warning,
    Error,
}

/// <summary>A line for the log. The message is complete without the exception.</summary>
public sealed record ClusterLog(ClusterLogLevel Level, string Message, Exception? Error = null);
