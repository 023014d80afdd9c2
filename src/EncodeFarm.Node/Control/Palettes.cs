using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Control;

/// <summary>A palette: its name, what it is for, and its commands.</summary>
public sealed record Palette(
    string Name,
    string Description,
    IReadOnlyList<ControlCommand> Commands
)
{
    public PaletteDefinition Definition { get; } =
        new(Name, Description, [.. Commands.Select(command => command.Definition)]);
}

/// <summary>All commands that a node knows. A new one is a class and an entry here; clients learn of it from the node.</summary>
public static class Palettes
{
    public static readonly IReadOnlyList<Palette> All =
    [
        new(
            "cluster",
            "Members of the cluster: who belongs to it, and who goes.",
            [
                new ClusterShow(),
                new ClusterStatus(),
                new ClusterLeader(),
                new ClusterJoin(),
                new ClusterLeave(),
                new MemberWish(
                    "down",
                    "Gives a member up; its process must join again.",
                    Argument.Node with
                    {
                        Mandatory = true,
                        Default = null,
                    },
                    new ArgumentDefinition(
                        "force",
                        "Also the coordinator that decides.",
                        ["--force"],
                        Flag: true
                    )
                ),
                new ClusterDownUnreachable(),
                new ClusterTail(),
                new MemberWish(
                    "drain",
                    "A member finishes what it runs, and takes nothing new.",
                    Argument.Node
                ),
                new MemberWish("undrain", "A drained member takes work again.", Argument.Node),
            ]
        ),
        new(
            "cluster-sharding",
            "Where jobs and attempts live.",
            [new ListRegions(), new RegionStats(), new Entities(), new Locate()]
        ),
        new("actor", "Actors of this node.", [new ActorSystemCommand(), new ActorHierarchy()]),
        new("log", "The log of this node.", [new LogTail(), new LogPeek()]),
        new(
            "system",
            "The process of this node.",
            [new SystemUptime(), new SystemVersion(), new SystemTools()]
        ),
        new(
            "encode",
            "Jobs.",
            [
                new EncodeSubmit(),
                new EncodeList(),
                new EncodeShow(),
                new EncodeSegments(),
                new EncodeWatch(),
                new JobCommand(
                    "pause",
                    "Starts no new attempts of a job; running ones finish.",
                    (call, job, cancellation) =>
                        call.Api.PauseAsync(job, call.Has("now"), cancellation),
                    new ArgumentDefinition(
                        "now",
                        "Withdraw running attempts too, without counting them.",
                        ["--now"],
                        Flag: true
                    )
                ),
                new JobCommand(
                    "resume",
                    "A paused job goes on.",
                    (call, job, cancellation) => call.Api.ResumeAsync(job, cancellation)
                ),
                new JobCommand(
                    "cancel",
                    "Ends a job and removes its work, also of one that has failed.",
                    (call, job, cancellation) => call.Api.CancelAsync(job, cancellation)
                ),
                new JobCommand(
                    "retry",
                    "Only what has failed runs again.",
                    (call, job, cancellation) => call.Api.RetryAsync(job, cancellation)
                ),
                new JobCommand(
                    "priority",
                    "Jobs of higher priority come first.",
                    (call, job, cancellation) =>
                        call.Api.PriorityAsync(
                            job,
                            call.Whole("n", -Priorities.Most, Priorities.Most)!.Value,
                            cancellation
                        ),
                    new ArgumentDefinition("n", "0 is usual; may be negative.", Mandatory: true)
                ),
                new EncodeReportCommand(),
                new EncodeEvents(),
            ]
        ),
        new(
            "node",
            "Nodes and what they work on.",
            [
                new NodeListCommand(),
                new NodeShow(),
                new NodeSlots(),
                new NodeLabel(),
                new NodeGuardCommand(),
            ]
        ),
    ];
}
