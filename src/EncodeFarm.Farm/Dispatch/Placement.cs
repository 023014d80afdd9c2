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
/// then the longest first (a long one started last would hold up the end of the job); and on the fastest node that has a slot.
/// </summary>
public static class Placement
{
    /// <summary>The next assignment, or null where nothing can be assigned now.</summary>
    public static Placed? Next(PlacementInput input)
    {
        var running = input.Leases.Where(lease => !lease.Finished).ToList();
        var taken = input.Leases.Select(lease => (lease.Video, lease.Segment)).ToHashSet();
        var load = running.CountBy(lease => lease.Node).ToDictionary();
        var share = running.CountBy(lease => lease.Video).ToDictionary();
        var occupied = running.Where(lease => lease.Alone).Select(lease => lease.Node).ToHashSet();
        var reserved = new HashSet<string>();

        int Load(NodeState node) =>
            load.GetValueOrDefault(node.Name) + input.Tasks.GetValueOrDefault(node.Name);

        var open = input
            .Nodes.Where(node => node.Closed is null && !occupied.Contains(node.Name))
            .Where(node => Load(node) < node.Slots)
            .ToList();
        if (open.Count == 0)
        {
            return null;
        }

        var videos = input
            .Videos.OrderByDescending(video => video.Priority)
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
            var offers = video
                .Offers.Where(offer => !taken.Contains((video.Video, offer.Segment)))
                .OrderByDescending(offer => offer.Again)
                .ThenByDescending(offer => offer.Task.Source.Frames)
                .ThenBy(offer => offer.Segment.Rendition)
                .ThenBy(offer => offer.Segment.Index);
            foreach (var offer in offers)
            {
                if (Choose(offer, fit, reserved, Load, able) is { } node)
                {
                    return new Placed(video, offer, node);
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
            node.Closed is null && node.Slots > 0 && !offer.Avoid.Contains(node.Name)
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

    /// <summary>Why a video that offers segments gets no slot; null where it has one or needs none.</summary>
    public static string? WaitingFor(VideoOffers video, PlacementInput input)
    {
        var running = input.Leases.Any(lease => lease.Video == video.Video && !lease.Finished);
        if (video.Offers.IsEmpty || running)
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
        fit = [.. fit.Where(node => node.Fits(video))];
        var closed = fit.Where(node => node.Closed is not null).ToList();
        return closed.Count == fit.Count
            ? string.Join("; ", closed.Select(node => $"{node.Name}: {node.Closed}"))
            : "no free slot";
    }

    /// <summary>Names what no node has; or all, where each of them is somewhere but nowhere together.</summary>
    static string Unlabelled(Labels needs, IReadOnlyList<NodeState> nodes)
    {
        var nowhere = nodes.Aggregate(needs, (left, node) => left.Except(node.Labels));
        var missing = nowhere.IsEmpty ? needs : nowhere;
        var together = nowhere.IsEmpty ? " on one worker" : "";
        return $"blocked: needs {(missing.Pairs.Count == 1 ? "label" : "labels")} {missing}{together}";
    }
}
