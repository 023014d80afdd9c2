using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Control;

public sealed class NodeListCommand()
    : AnswerCommand(new CommandDefinition("list", "All nodes and how busy they are.", []))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var nodes = (await call.Api.NodesAsync(cancellation)).Nodes;
        var table = new TextTable(
            "node",
            "roles",
            "status",
            ">slots",
            ">running",
            ">cores",
            ">memory free",
            ">disk free",
            "labels",
            "takes work"
        );
        foreach (var node in nodes)
        {
            table.Add(
                node.Member.Name,
                string.Join(',', node.Member.Roles),
                node.Member.Status,
                node.Slots is { } slots ? $"{slots}" : Words.Unknown,
                $"{node.Running}",
                Words.Number(node.Machine?.Cores, 0),
                Words.Bytes(node.Machine?.MemoryFreeBytes),
                Words.Bytes(node.Machine?.DiskFreeBytes),
                node.Labels is { } labels ? NodeText.Labels(labels) : Words.Unknown,
                NodeText.TakesWork(node)
            );
        }
        return Line.Table(table, nodes);
    }
}

public sealed class NodeShow()
    : AnswerCommand(new CommandDefinition("show", "A node and what it works on.", [Argument.Node]))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var name = call.Text("address") ?? call.Node.Card.Address.Name;
        var node = await call.Api.NodeAsync(name, cancellation);
        return
        [
            Line.Of(MemberText.Line(node.Member), node),
            .. NodeText.Details(node).Select(Line.Text),
        ];
    }
}

public sealed class NodeSlots()
    : AnswerCommand(
        new CommandDefinition(
            "slots",
            "How many segments a node encodes at a time, from now on.",
            [new ArgumentDefinition("n", "1..256.", Mandatory: true), Argument.Node]
        )
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var slots = call.Whole("n", 1, 256)!.Value;
        if (call.Text("address") is { } address)
        {
            var done = await call.Api.SlotsAsync(address, slots, cancellation);
            return [Line.Of(done)];
        }
        var name = call.Node.Card.Address.Name;
        if (call.Node.Slots is null)
        {
            throw Refusal.Conflict($"'{name}' is no worker.", "Name one with -a.");
        }
        call.Node.ChangeSlots(slots);
        var changed = new Done($"'{name}' encodes {slots} at a time from now on.");
        return [Line.Of(changed)];
    }
}

public static class NodeText
{
    public static string TakesWork(NodeInfo node) =>
        node.Closed is { } reason ? $"no: {reason}"
        : node.Slots is null ? "no"
        : "yes";

    public static IEnumerable<string> Details(NodeInfo node)
    {
        if (node.Member.Reason is { } reason)
        {
            yield return $"  reason: {reason}";
        }
        if (node.Slots is { } slots)
        {
            yield return $"  slots: {node.Running} of {slots} in use, takes work: {TakesWork(node)}";
        }
        if (node.Machine is { } machine)
        {
            yield return $"  machine: {Machine(machine)}";
        }
        if (node.Labels is { Count: > 0 } labels)
        {
            yield return $"  labels: {Labels(labels)}";
        }
        foreach (var attempt in node.Attempts)
        {
            yield return $"  {Attempt(attempt)}";
        }
    }

    /// <summary>"8 cores, 11.2 GiB of 15.6 GiB memory free (12.4 GiB for an attempt), 812 GiB disk free, foreign load 3 %".</summary>
    private static string Machine(MachineInfo machine)
    {
        var attempt = machine.AttemptMemoryBytes is { } limit
            ? $" ({Words.Bytes(limit)} for an attempt)"
            : "";
        var load = machine.ForeignLoad is { } percent ? $", foreign load {percent} %" : "";
        var cores = machine.Cores is { } known ? Words.Count(known, "core") : Words.Unknown;
        return $"{cores}, {Words.Bytes(machine.MemoryFreeBytes)} of {Words.Bytes(machine.MemoryBytes)} memory free{attempt}, {Words.Bytes(machine.DiskFreeBytes)} disk free{load}";
    }

    /// <summary>"gpu=yes,rack=2".</summary>
    public static string Labels(IReadOnlyDictionary<string, string> labels) =>
        string.Join(
            ',',
            labels
                .OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}={label.Value}")
        );

    /// <summary>"7-12 job 0123 segment 3 of 720p: encode, 42 %, 12.5 fps".</summary>
    public static string Attempt(AttemptInfo attempt)
    {
        var parts = new List<string> { attempt.Phase ?? "starts" };
        if (attempt.Fraction is not null)
        {
            parts.Add(Words.Percent(attempt.Fraction));
        }
        if (attempt.Fps is not null)
        {
            parts.Add($"{Words.Number(attempt.Fps, 1)} fps");
        }
        return $"{attempt.Attempt} job {attempt.Job} segment {attempt.Segment} of {attempt.Rendition}: "
            + string.Join(", ", parts);
    }
}
