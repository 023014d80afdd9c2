namespace EncodeFarm.Cluster.Messaging;

/// <summary>What both transports say about questions.</summary>
static class Questions
{
    /// <summary>A coordinator answers so many at a time: one that takes long holds up no other.</summary>
    public const int AtATime = 32;

    public static ClusterException Unanswered(Envelope question, TimeSpan limit) =>
        new(
            ClusterError.NoAnswer,
            $"No coordinator answered '{question.Type}' within {limit.TotalSeconds:0.###} s.",
            "Is a coordinator running, and does it reach the broker and its database?"
        );
}
