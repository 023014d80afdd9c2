namespace EncodeFarm.Node.Api;

/// <summary>
/// How long each station on a request's way waits. A client gets its answer within 2 s; whoever is nearer to it waits
/// longer, so that there is still somebody to hear what went wrong.
/// </summary>
/// <param name="Coordinator">It says what it could not do in time.</param>
/// <param name="Way">For the way from a node to the coordinator and back.</param>
/// <param name="Node">The client's own node.</param>
public sealed record AnswerLimits(TimeSpan Coordinator, TimeSpan Way, TimeSpan Node)
{
    public static readonly AnswerLimits Standard = new(
        TimeSpan.FromSeconds(1.4),
        TimeSpan.FromSeconds(1.5),
        TimeSpan.FromSeconds(1.7)
    );
}
