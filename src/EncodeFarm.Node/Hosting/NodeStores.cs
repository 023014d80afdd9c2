using System.Web;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Hosting;

/// <summary>Which artifact store a node uses, and whether it keeps one for the others.</summary>
public static class NodeStores
{
    /// <summary>A node with the role store serves; without one the only coordinator does.</summary>
    public static bool Serves(ClusterSettings cluster) =>
        cluster.Store is null
        && (
            cluster.Roles.HasFlag(NodeRoles.Store)
            || (cluster.Roles.HasFlag(NodeRoles.Coordinator) && cluster.Journal is null)
        );

    /// <summary>Where the store is while this node decides.</summary>
    public static StoreHouse HouseOf(ClusterSettings cluster, string name, string home) =>
        cluster.Store is not null ? new StoreHouse.Shared()
        : Serves(cluster) ? new StoreHouse.AtCoordinator(name, home)
        : new StoreHouse.AtStoreNode();

    /// <param name="members">The newest table: it says where the store is.</param>
    /// <exception cref="FarmException">cluster.store is not understood, or tls.authority can't be read.</exception>
    public static IArtifactStore Open(
        ClusterSettings cluster,
        NodeHome home,
        Func<MemberTable> members,
        TimeProvider time,
        Action<ClusterLog> log
    )
    {
        if (cluster.Store is { } place)
        {
            return S3Address.Is(place)
                ? new S3Store(Bucket(place), time, log)
                : new DirectoryStore(DirectoryOf(place));
        }
        return Serves(cluster)
            ? new DirectoryStore(home.Artifacts)
            : new HttpStore(
                HttpStore.NewClient(Trust(cluster.Tls).Over),
                new HttpStoreOptions(
                    () => AddressIn(members()),
                    cluster.Token.Length == 0 ? null : cluster.Token
                )
                {
                    TlsOnly = cluster.Tls.Authority is not null,
                },
                time,
                log
            );
    }

    /// <param name="place">cluster.store, which is no bucket.</param>
    /// <exception cref="FarmException">It is no directory either.</exception>
    public static string DirectoryOf(string place) =>
        Path.IsPathFullyQualified(place)
            ? place
            : throw new FarmException(
                FarmError.BadConfiguration,
                $"cluster.store is '{place}', which is neither an absolute directory nor s3://bucket.",
                "For example: --store /srv/farm/store"
            );

    /// <summary>The endpoint of the store node, or else of the coordinator; null while there is none.</summary>
    public static Uri? AddressIn(MemberTable members)
    {
        var alive = members.Members.Where(member =>
            member.IsAlive && member.Card.Endpoint is not null
        );
        var endpoint =
            alive.FirstOrDefault(IsStore)
            ?? alive.FirstOrDefault(member => member.Card.Roles.Contains("coordinator"));
        return endpoint is null ? null : NodeUri.Of(endpoint.Card.Endpoint!, endpoint.Card.Tls);
    }

    /// <exception cref="FarmException">tls.authority can't be read.</exception>
    public static ServerTrust Trust(TlsSettings tls)
    {
        try
        {
            return ServerTrust.Of(tls.Authority);
        }
        catch (InvalidDataException error)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                error.Message,
                "Name the PEM file in tls.authority, or leave that out to trust the machine's own list.",
                error
            );
        }
    }

    /// <summary>
    /// What keeps this node from reaching the others' artifacts, for people; null where nothing does. With a shared journal
    /// no coordinator's endpoint is the store, and whether a store node exists shows only in the member table.
    /// </summary>
    public static string? Missing(ClusterSettings cluster, MemberTable members) =>
        cluster.Store is null
        && cluster.Journal is not null
        && cluster.Roles.HasFlag(NodeRoles.Coordinator)
        && !members.Members.Any(member => member.IsAlive && IsStore(member))
            ? "No node with the role store has joined: pieces and encoded segments have nowhere to go, and no job can be completed. Start one (node --roles store), or give all nodes a shared directory or a bucket (cluster.store)."
            : null;

    public static bool IsStore(Member member) => member.Card.IsStore;

    /// <summary>Why a coordinator ends that has found no store.</summary>
    public static string NoneJoined(TimeSpan limit) =>
        $"{AtStoreNode}, but none has joined within {limit.TotalSeconds:0} s. Start one (node --roles store) and then this coordinator, or give all nodes a shared directory or a bucket (cluster.store).";

    private const string AtStoreNode =
        "cluster.store is auto and the journal is in PostgreSQL, so pieces and encoded segments need a node with the role store, which outlives this coordinator";

    /// <summary>Buckets that finished files are delivered to: at the server of s3.endpoint, or else of the store, or else Amazon's.</summary>
    /// <param name="patient">For deliveries; who only asks gives up after the second try.</param>
    public static S3Outputs Outputs(
        FarmSettings farm,
        TimeProvider time,
        Action<ClusterLog> log,
        bool patient
    )
    {
        var server =
            farm.Cluster.Store is { } store && S3Address.Is(store)
                ? Bucket(store)
                : new S3StoreOptions("", null, "us-east-1");
        return new S3Outputs(
            server with
            {
                Endpoint = farm.S3Endpoint ?? server.Endpoint,
                Region = farm.S3Region ?? server.Region,
                Transfers = patient ? new TransferOptions() : new TransferOptions { Tries = 2 },
            },
            time,
            log
        );
    }

    /// <summary>s3://bucket/folder?endpoint=http://host:port&amp;region=…; the keys come from the usual AWS variables.</summary>
    /// <exception cref="FarmException">It is no address.</exception>
    public static S3StoreOptions Bucket(string place)
    {
        var address = Address(place);
        var query = HttpUtility.ParseQueryString(address.Query);
        return new S3StoreOptions(
            address.Host,
            query["endpoint"] is { } endpoint ? Address(endpoint) : null,
            query["region"] ?? "us-east-1"
        )
        {
            Folder = address.AbsolutePath.TrimStart('/'),
        };

        static Uri Address(string text) =>
            Uri.TryCreate(text, UriKind.Absolute, out var parsed)
                ? parsed
                : throw new FarmException(
                    FarmError.BadConfiguration,
                    "cluster.store is not an address of a bucket.",
                    "For example: s3://bucket?endpoint=http://10.0.0.5:9000"
                );
    }

    /// <summary>Refuses a coordinator from which no other one could take over, where others may.</summary>
    /// <exception cref="FarmException">The configuration can't be used; the message names the key.</exception>
    public static void Require(FarmSettings farm, string name)
    {
        var cluster = farm.Cluster;
        if (!cluster.Roles.HasFlag(NodeRoles.Coordinator) || cluster.Journal is null)
        {
            return;
        }
        if (cluster is { Store: null, Broker: null })
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"{AtStoreNode}, but without a broker (cluster.broker) none can join.",
                "Give it a shared directory or a bucket (cluster.store), or keep the journal in SQLite."
            );
        }
        if (StoreCheck.Refusals(farm, name) is { Count: > 0 } refusals)
        {
            throw new FarmException(FarmError.BadConfiguration, string.Join('\n', refusals));
        }
    }
}
