using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Cli;

/// <summary>
/// For <c>doctor</c>: the servers and shared places of a cluster that the configuration names. They are shown without what
/// may hold a secret.
/// </summary>
internal static class ClusterChecks
{
    /// <summary>Somebody waits for the answer. A healthy server needs a tenth of a second, and much more on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<DoctorLine>> RunAsync(
        ClusterSettings cluster,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var brokers = cluster.Broker is { } addresses
            ? BrokersAsync(addresses, cluster, cancellation)
            : Task.FromResult<IReadOnlyList<DoctorLine>>([]);
        List<Task<DoctorLine>> others = [];
        // Nobody else opens it.
        if (cluster.Journal is { } journal && cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            others.Add(JournalAsync(journal, cancellation));
        }
        if (cluster.Store is { } store)
        {
            others.Add(StoreAsync(store, time, cancellation));
        }
        others.AddRange(cluster.SharedRoots.Select(root => Task.FromResult(Shared(root))));
        return [.. await brokers, .. await Task.WhenAll(others)];
    }

    /// <summary>A line for each; one that answers is enough for a node.</summary>
    private static async Task<IReadOnlyList<DoctorLine>> BrokersAsync(
        string addresses,
        ClusterSettings cluster,
        CancellationToken cancellation
    )
    {
        try
        {
            var options = RabbitMqOptions.Parse(addresses) with
            {
                Farm = cluster.Farm,
                Authority = cluster.BrokerAuthority,
                ConnectLimit = Limit,
            };
            var lines = await Task.WhenAll(
                options.Brokers.Select(broker =>
                    LookAsync(
                        "broker",
                        broker.ToString(),
                        () => BrokerCheck.VersionAsync(broker, options, cancellation)
                    )
                )
            );
            return lines.Any(line => line.Fit)
                ? [.. lines.Select(line => line with { Necessary = line.Fit })]
                : lines;
        }
        catch (ClusterException error)
        {
            return [Line("broker", null, null, error.Message)];
        }
    }

    private static Task<DoctorLine> JournalAsync(
        string connection,
        CancellationToken cancellation
    ) =>
        LookAsync(
            "journal",
            null,
            async () => $"PostgreSQL {await PostgresSeat.VersionAsync(connection, cancellation)}"
        );

    private static Task<DoctorLine> StoreAsync(
        string place,
        TimeProvider time,
        CancellationToken cancellation
    ) =>
        S3Address.Is(place)
            ? LookAsync(
                "store",
                place.Split('?')[0],
                async () =>
                {
                    var impatient = new TransferOptions { Tries = 2, AnswerLimit = Limit };
                    using var store = new S3Store(
                        NodeStores.Bucket(place) with
                        {
                            Transfers = impatient,
                        },
                        time,
                        _ => { }
                    );
                    await store.RequireAsync(cancellation);
                    return "answers";
                }
            )
            : LookAsync(
                "store",
                place,
                () =>
                    Writable.ProblemOfOwn(NodeStores.DirectoryOf(place)) is { } problem
                        ? throw new FarmException(
                            FarmError.BadOutput,
                            $"'{place}' can't be written: {problem}",
                            "Give this user the rights to it, or change cluster.store."
                        )
                        : Task.FromResult("writable")
            );

    private static DoctorLine Shared(string root) =>
        Line(
            "shared root",
            root,
            null,
            Directory.Exists(root)
                ? null
                : "It does not exist: mount it, or leave it out of roots.shared."
        );

    /// <param name="look">Returns what was found.</param>
    private static async Task<DoctorLine> LookAsync(
        string name,
        string? place,
        Func<Task<string>> look
    )
    {
        try
        {
            return Line(name, place, await look(), null);
        }
        catch (Exception error)
            when (error is ClusterException or ArtifactException or FarmException)
        {
            return Line(name, place, null, error.Message);
        }
    }

    /// <param name="problem">What is wrong, and what to do; null where nothing is.</param>
    private static DoctorLine Line(string name, string? place, string? detail, string? problem) =>
        new(name, place, detail, problem is null, true, problem);
}
