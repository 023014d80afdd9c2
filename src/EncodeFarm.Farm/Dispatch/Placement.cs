namespace EncodeFarm.Farm.Dispatch;

/// <param name="Tasks">Slots of a node that are held by the coordinator's own tasks.</param>
public sealed record PlacementInput(
    IReadOnlyCollection<VideoOffers> Videos,
    IReadOnlyCollection<NodeState> Nodes,
    IReadOnlyCollection<Lease> Leases,
    IReadOnlyDictionary<string, int> Tasks
);

public sealed record Placed(VideoOffers Video, SegmentOffer Offer, NodeState Node);

/// <summary>
/// Which segment goes where next: by job priority, then fairly among equal jobs, then what failed or was lost before,
/// then the longest first (a long one started last would hold up the end of the job); and on the fastest node that has a
/// slot and the memory.
/// </summary>
public static class Placement
{
    /// <summary>The next assignment, or null where nothing can be assigned now.</summary>
    public static Placed? Next(PlacementInput input)
    {
        var running = input.Leases.Where(lease => !lease.Finished).ToList();
        var taken = input.Leases.Select(lease => (lease.Video, lease.Segment)).ToHashSet();
        var load = running.CountBy(lease => lease.Node).ToDictionary();
        var memory = MemoryOf(running);
        var share = running.CountBy(lease => lease.Video).ToDictionary();
        var occupied = running.Where(lease => lease.Alone).Select(lease => lease.Node).ToHashSet();
        var reserved = new HashSet<string>();

        int Load(NodeState node) =>
            load.GetValueOrDefault(node.Name) + input.Tasks.GetValueOrDefault(node.Name);

        // One that must be alone waits for an empty node anyway.
        bool HasRoom(NodeState node, SegmentOffer offer) =>
            node.HasRoom(offer.Memory, offer.Alone ? 0 : memory.GetValueOrDefault(node.Name));

        var open = input
            .Nodes.Where(node => node.Closed is null && !occupied.Contains(node.Name))
            .Where(node => Load(node) < node.Slots)
            .ToList();
        if (open.Count == 0)
        {
            return null;
        }

        var videos = input
            .Videos.Where(video => !video.Paused)
            .OrderByDescending(video => video.Priority)
            .ThenBy(video => share.GetValueOrDefault(video.Video))
            .ThenBy(video => video.Order);
        foreach (var video in videos)
        {
            var fit = open.Where(node => node.Fits(video)).ToList();
            if (fit.Count == 0)
            {
                continue;
            }
            var able = input.Nodes.Where(node => node.Fits(video)).ToList();
            var starved = share.GetValueOrDefault(video.Video) == 0;
            var offers = video
                .Offers.Where(offer => !taken.Contains((video.Video, offer.Segment)))
                .OrderByDescending(offer => offer.Again)
                .ThenByDescending(offer => offer.Task.Source.Frames)
                .ThenBy(offer => offer.Segment.Rendition)
                .ThenBy(offer => offer.Segment.Index);
            foreach (var offer in offers)
            {
                var roomy = fit.Where(node => HasRoom(node, offer)).ToList();
                if (Choose(offer, roomy, reserved, Load, able) is { } node)
                {
                    return new Placed(video, offer, node);
                }
                if (starved && roomy.Count == 0 && Emptied(offer, fit) is { } later)
                {
                    // Smaller attempts of other videos would take what falls free, again and again.
                    reserved.Add(later.Name);
                    starved = false;
                }
            }
        }
        return null;
    }

    static NodeState? Choose(
        SegmentOffer offer,
        IReadOnlyList<NodeState> fit,
        HashSet<string> reserved,
        Func<NodeState, int> load,
        IReadOnlyCollection<NodeState> able
    )
    {
        // A node on which it failed is taken only where there is no other that could ever take it.
        var others = able.Any(node =>
            node.Closed is null
            && node.Slots > 0
            && node.Holds(offer.Memory)
            && !offer.Avoid.Contains(node.Name)
        );
        var candidates = fit.Where(node => !reserved.Contains(node.Name))
            .Where(node => !others || !offer.Avoid.Contains(node.Name))
            // A slot takes a segment to itself, so a faster one ends it earlier; only one that must be alone looks for an empty node first.
            .OrderByDescending(node => offer.Alone ? 0 : NodeSpeed.Class(node.Speed))
            .ThenBy(node => (double)load(node) / node.Slots)
            .ThenBy(node => node.Name, StringComparer.Ordinal);
        if (!offer.Alone)
        {
            return candidates.FirstOrDefault();
        }
        var first = candidates.FirstOrDefault();
        if (first is not null && load(first) > 0)
        {
            // It would wait for ever while others take each slot that falls free: keep this node for it.
            reserved.Add(first.Name);
            return null;
        }
        return first;
    }

    /// <summary>A node that has the room as soon as its other attempts have ended.</summary>
    static NodeState? Emptied(SegmentOffer offer, IReadOnlyList<NodeState> fit) =>
        fit.Where(node => node.Holds(offer.Memory) && node.HasRoom(offer.Memory, 0))
            .MaxBy(node => NodeSpeed.Class(node.Speed));

    static Dictionary<string, long> MemoryOf(IEnumerable<Lease> running) =>
        running
            .GroupBy(lease => lease.Node)
            .ToDictionary(node => node.Key, node => node.Sum(lease => lease.Memory));

    /// <summary>Why a video that offers segments gets no slot; null where it has one or needs none.</summary>
    public static string? WaitingFor(VideoOffers video, PlacementInput input)
    {
        var running = input.Leases.Any(lease => lease.Video == video.Video && !lease.Finished);
        if (video.Offers.IsEmpty || video.Paused || running)
        {
            return null;
        }
        if (input.Nodes.Count == 0)
        {
            return "no worker has joined";
        }
        var fit = input.Nodes.Where(node => node.Fingerprint == video.Fingerprint).ToList();
        if (fit.Count == 0)
        {
            return $"blocked: needs a worker with the tools {video.Fingerprint}";
        }
        if (!fit.Any(node => node.Fits(video)))
        {
            return Unlabelled(video.Needs, fit);
        }
        var least = video.Offers.Min(offer => offer.Memory);
        fit = [.. fit.Where(node => node.Fits(video))];
        if (TooLarge(least, fit) is { } tooLarge)
        {
            return tooLarge;
        }
        fit = [.. fit.Where(node => node.Holds(least))];
        var closed = fit.Where(node => node.Closed is not null).ToList();
        return closed.Count == fit.Count
            ? string.Join("; ", closed.Select(node => $"{node.Name}: {node.Closed}"))
            : NoRoom(least, [.. fit.Except(closed)], input) ?? "no free slot";
    }

    /// <summary>Why none of these nodes will ever take an attempt of that size; null where one may, or there is none.</summary>
    /// <param name="memory">Bytes.</param>
    /// <param name="fit">Nodes with the tools and labels.</param>
    public static string? TooLarge(long memory, IEnumerable<NodeState> fit)
    {
        var largest = fit.MaxBy(node => node.Resources?.AttemptLimit ?? long.MaxValue);
        return largest is null || largest.Holds(memory)
            ? null
            : $"blocked: needs {Needed(memory)} of memory; the largest worker, {largest.Name}, has {Had(largest.Resources!.AttemptLimit)} for it";
    }

    /// <summary>Null where nodes have no free slot, either.</summary>
    static string? NoRoom(long memory, IReadOnlyList<NodeState> open, PlacementInput input)
    {
        var running = input.Leases.Where(lease => !lease.Finished).ToList();
        var taken = MemoryOf(running);
        var free = open.Where(node =>
                running.Count(lease => lease.Node == node.Name)
                    + input.Tasks.GetValueOrDefault(node.Name)
                < node.Slots
            )
            .ToList();
        long Left(NodeState node) =>
            Math.Max(
                0,
                (node.Resources?.AttemptRoom ?? long.MaxValue) - taken.GetValueOrDefault(node.Name)
            );
        return free.Count > 0 && free.MaxBy(Left) is { } best && Left(best) < memory
            ? $"no room: needs {Needed(memory)} of memory; {best.Name} has {Had(Left(best))} left"
            : null;
    }

    /// <summary>Rounded up, and what there is rounded down: so the one never reads like the other.</summary>
    static string Needed(long bytes) => Gibibytes(Math.Ceiling(10 * InGibibytes(bytes)) / 10);

    static string Had(long? bytes) => Gibibytes(Math.Floor(10 * InGibibytes(bytes ?? 0)) / 10);

    static double InGibibytes(long bytes) => bytes / (double)(1L << 30);

    static string Gibibytes(double value) => $"{value:0.0} GiB";

    /// <summary>Names what no node has; or all, where each of them is somewhere but nowhere together.</summary>
    static string Unlabelled(Labels needs, IReadOnlyList<NodeState> nodes)
    {
        var nowhere = nodes.Aggregate(needs, (left, node) => left.Except(node.Labels));
        var missing = nowhere.IsEmpty ? needs : nowhere;
        var together = nowhere.IsEmpty ? " on one worker" : "";
        return $"blocked: needs {(missing.Pairs.Count == 1 ? "label" : "labels")} {missing}{together}";
    }
}
