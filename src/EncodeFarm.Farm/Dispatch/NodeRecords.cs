namespace EncodeFarm.Farm.Dispatch;

/// <summary>
/// What the dispatcher knows of the nodes: what each last said of itself, what came of its attempts, and how fast it is.
/// The last two outlive a node's absence.
/// </summary>
sealed class NodeRecords
{
    readonly Dictionary<string, NodeState> _said = [];
    readonly Dictionary<string, Breaker> _breakers = [];
    readonly Dictionary<string, double?> _speeds = [];

    public NodeState? Find(string node) => _said.GetValueOrDefault(node);

    public void Hear(NodeState node) => _said[node.Name] = node;

    /// <param name="reason">Why it gets nothing from now on; null where it may again.</param>
    public void Close(string node, string? reason)
    {
        if (_said.TryGetValue(node, out var known))
        {
            _said[node] = known with { Closed = reason };
        }
    }

    public void Forget(string node) => _said.Remove(node);

    /// <summary>The nodes as their breakers leave them.</summary>
    public IEnumerable<NodeState> At(DateTimeOffset now) =>
        _said.Values.Select(node =>
        {
            var breaker = BreakerOf(node.Name);
            return node with
            {
                Speed = _speeds.GetValueOrDefault(node.Name),
                Closed = node.Closed ?? breaker.Reason(now),
                Slots = breaker.OnTrial(now) ? Math.Min(node.Slots, 1) : node.Slots,
            };
        });

    /// <summary>What a result says of its node.</summary>
    /// <param name="elsewhere">The segment has also failed on another node.</param>
    /// <param name="only">There is no other node that could do the work.</param>
    /// <returns>
    /// Failures of a node that is given a rest now, and what ran there beside and failed later: they are no fault of their
    /// segments.
    /// </returns>
    public IReadOnlyList<NodeFailure> Judge(
        Lease lease,
        AttemptVerdict verdict,
        bool elsewhere,
        bool only,
        DateTimeOffset now
    )
    {
        var before = BreakerOf(lease.Node);
        var failure = new NodeFailure(lease.Video, lease.Segment, lease.Attempt);
        var after = before.After(verdict, failure, elsewhere, only, now);
        _breakers[lease.Node] = after;
        if (before.OpenUntil is null)
        {
            return after.OpenUntil is null ? [] : after.Failures;
        }
        var failed = verdict is AttemptVerdict.Failed or AttemptVerdict.Unfit;
        return failed && before.IsOpen(now) && !elsewhere ? [failure] : [];
    }

    /// <param name="pixels">Source pixels that one of its slots has encoded.</param>
    public void Measure(string node, double pixels, TimeSpan took) =>
        _speeds[node] = NodeSpeed.After(_speeds.GetValueOrDefault(node), pixels, took);

    Breaker BreakerOf(string node) => _breakers.GetValueOrDefault(node, Breaker.Closed);
}
