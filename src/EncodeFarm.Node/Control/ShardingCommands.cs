using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

/// <summary>
/// The two kinds of entities that the cluster spreads: videos live on the coordinator that decides, attempts on the
/// workers.
/// </summary>
public sealed record Sharding(
    IReadOnlyList<EntityRow> Entities,
    IReadOnlyList<string> Workers,
    string Leader
)
{
    public const string Videos = "videos";
    public const string Attempts = "attempts";

    public static readonly IReadOnlyList<RegionRow> Regions =
    [
        new(Videos, "Unfinished jobs, on the coordinator that decides."),
        new(Attempts, "Segments that are being encoded, on the workers."),
    ];

    public static async Task<Sharding> AskAsync(FarmApi api, CancellationToken cancellation)
    {
        var leader = api.LeaderAsync(cancellation);
        var jobs = api.JobsAsync(true, cancellation);
        var nodes = await api.NodesAsync(cancellation);
        var name = (await leader).Name;
        return new Sharding(
            [
                .. (await jobs).Jobs.Select(job => new EntityRow(Videos, job.Id, name, job.Source)),
                .. nodes
                    .Nodes.SelectMany(node => node.Attempts)
                    .DistinctBy(attempt => attempt.Attempt)
                    .Select(attempt => new EntityRow(
                        Attempts,
                        attempt.Attempt,
                        attempt.Node,
                        $"{attempt.Job}/{attempt.Rendition}/{attempt.Segment}"
                    )),
            ],
            [
                .. nodes
                    .Nodes.Where(node => node.Member.Roles.Contains("worker"))
                    .Select(node => node.Member.Name)
                    .Distinct(),
            ],
            name
        );
    }

    public IEnumerable<RegionStatRow> Stats() =>
        [
            new(Videos, Leader, Entities.Count(entity => entity.Region == Videos)),
            .. Workers
                .Union(
                    Entities
                        .Where(entity => entity.Region == Attempts)
                        .Select(entity => entity.Node)
                )
                .Select(node => new RegionStatRow(
                    Attempts,
                    node,
                    Entities.Count(entity => entity.Region == Attempts && entity.Node == node)
                )),
        ];

    public static string Text(EntityRow entity) =>
        $"{entity.Region} | {entity.Id} | {entity.Node} | {Words.Name(entity.About)}";
}

public sealed class ListRegions()
    : AnswerCommand(new CommandDefinition("list-regions", "What is spread over the nodes.", []))
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    ) => Task.FromResult(Sharding.Regions.Select(region => Line.Of(region.Name, region)));
}

public sealed class RegionStats()
    : AnswerCommand(
        new CommandDefinition(
            "region-stats",
            "How many entities of a region each node has.",
            [
                new ArgumentDefinition(
                    "region",
                    "Only this region.",
                    ["-r", "--region"],
                    Offers: [Sharding.Videos, Sharding.Attempts]
                ),
            ]
        )
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var region = call.Text("region");
        if (region is not null && Sharding.Regions.All(known => known.Name != region))
        {
            throw Refusal.NotFound(
                $"There is no region '{region}'.",
                $"There are {Sharding.Videos} and {Sharding.Attempts}."
            );
        }
        var stats = (await Sharding.AskAsync(call.Api, cancellation))
            .Stats()
            .Where(stat => region is null || stat.Region == region)
            .ToList();
        return
        [
            .. stats.Select(stat =>
                Line.Of($"{stat.Region} | {stat.Node} | {stat.Entities}", stat)
            ),
            Line.Text(Counts.Entities(stats.Sum(stat => stat.Entities))),
        ];
    }
}

public sealed class Entities()
    : AnswerCommand(new CommandDefinition("entities", "Every entity and where it lives.", []))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var entities = (await Sharding.AskAsync(call.Api, cancellation)).Entities;
        return
        [
            .. entities.Select(entity => Line.Of(Sharding.Text(entity), entity)),
            Line.Text(Counts.Entities(entities.Count)),
        ];
    }
}

public sealed class Locate()
    : AnswerCommand(
        new CommandDefinition(
            "locate",
            "Where a job and its attempts live, or an attempt.",
            [
                new ArgumentDefinition(
                    "id",
                    "Id of a job, or its beginning, or of an attempt.",
                    Mandatory: true,
                    Values: "job"
                ),
            ]
        )
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var id = call.Required("id");
        var found = (await Sharding.AskAsync(call.Api, cancellation))
            .Entities.Where(entity =>
                entity.Region == Sharding.Attempts && entity.Id == id
                || (entity.Region == Sharding.Videos ? entity.Id : entity.About).StartsWith(
                    id,
                    StringComparison.Ordinal
                )
            )
            .ToList();
        return found.Count == 0
            ? throw Refusal.NotFound(
                $"No unfinished job and no attempt is called '{id}'.",
                "See 'cluster-sharding entities'."
            )
            : found.Select(entity => Line.Of(Sharding.Text(entity), entity));
    }
}

public static class Counts
{
    public static string Entities(int count) =>
        count == 1 ? "Count: 1 entity" : $"Count: {count} entities";
}
