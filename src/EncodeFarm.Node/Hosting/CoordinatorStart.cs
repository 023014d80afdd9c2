using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;

namespace EncodeFarm.Node.Hosting;

/// <summary>Starts what a node with the role coordinator does: it waits for the right to decide, and then decides.</summary>
internal static class CoordinatorStart
{
    public static async Task RunAsync(NodeParts parts, CancellationToken stop)
    {
        ISeat seat = parts.Cluster.Journal is { } connection
            ? await PostgresSeat.OpenAsync(
                connection,
                parts.Transport.Self.ToString(),
                TimeSpan.FromSeconds(parts.Cluster.LeaseSeconds),
                () => parts.Transport.IsConnected,
                away => parts.Log.Write(LogLevel.Warning, away),
                parts.Time,
                stop
            )
            : await SqliteSeat.OpenAsync(parts.Home.Journal, parts.Time, stop);
        var media = new MediaWork(
            parts.Tools,
            parts.Limits,
            job => parts.Jobs.Runner(job, parts.Home.Id),
            parts.Outputs
        );
        var api = parts.NewApi();
        var part = new CoordinatorPart(
            seat,
            async (mandate, cancellation) =>
            {
                var term = await CoordinatorTerm.BeginAsync(
                    Term(mandate, parts),
                    parts.Transport,
                    mandate.Journal,
                    mandate.Index,
                    parts.Store,
                    media,
                    cancellation
                );
                // Waited for: until the broker knows of it, questions go to a coordinator that may be lost.
                await parts.Transport.AnswerAsync(api.AnswerAsync, term.Epoch, term.Over);
                return term;
            },
            parts.Log,
            parts.Time
        );
        parts.Node.Term = () => part.Term;
        var sweep = new CoordinatorSweep(parts.Home.Work.Jobs, seat.Reader, parts.Log, parts.Time);
        // It reads through the seat, which goes with the part.
        parts.Shutdown.Add("cluster-shutdown", () => sweep.DisposeAsync().AsTask());
        parts.Shutdown.Add("cluster-shutdown", () => part.DisposeAsync().AsTask());
        part.Start();
    }

    private static TermOptions Term(Mandate mandate, NodeParts parts) =>
        new(
            mandate.Epoch,
            parts.Home.Work.Jobs,
            parts.Tools.Fingerprint,
            parts.Cluster.Tasks,
            EncodeRun.Policy(parts.Farm.Retries),
            new JoinCheck(parts.Cluster.Token, JoinCheck.CurrentProtocol)
            {
                Store = NodeStores.HouseOf(parts.Cluster, parts.Transport.Self.Name, parts.Home.Id),
            },
            new FailureLimits
            {
                Beat = TimeSpan.FromSeconds(parts.Cluster.BeatSeconds),
                Unreachable = TimeSpan.FromSeconds(parts.Cluster.UnreachableSeconds),
                Down = TimeSpan.FromSeconds(parts.Cluster.DownSeconds),
                Echo = TimeSpan.FromSeconds(parts.Cluster.BeatSeconds * 2),
            },
            parts.Node.Members,
            mandate.MayDecide,
            parts.Time,
            parts.Jobs.Actor,
            parts.Jobs.Happened
        );
}
