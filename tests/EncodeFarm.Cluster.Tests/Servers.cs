using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging.Rabbit;

[assembly: AssemblyFixture(typeof(BrokerServer))]
[assembly: AssemblyFixture(typeof(BucketServer))]

namespace EncodeFarm.Cluster.Tests;

/// <summary>How the farm reaches the servers of the tests.</summary>
static class Servers
{
    extension(BrokerServer broker)
    {
        public RabbitMqOptions Options => Parse(broker.Address);

        public RabbitMqOptions OptionsAs(string user, string virtualHost) =>
            Parse(broker.AddressAs($"{user}:wrong", virtualHost));

        public RabbitMqOptions TlsOptions =>
            Parse(broker.TlsAddress) with
            {
                Authority = broker.Authority,
            };
    }

    extension(FaultProxy)
    {
        /// <summary>For tests: soon again.</summary>
        public static TransferOptions Quick =>
            new()
            {
                BackoffMin = TimeSpan.FromMilliseconds(1),
                BackoffMax = TimeSpan.FromMilliseconds(20),
            };

        /// <summary>Soon given up too, for tests with many stalls and many tries: on a busy machine a good line may stand still for so long.</summary>
        public static TransferOptions Impatient =>
            FaultProxy.Quick with
            {
                StallLimit = TimeSpan.FromSeconds(0.5),
                AnswerLimit = TimeSpan.FromSeconds(2),
            };

        /// <param name="fault">As the tests call it.</param>
        public static TransferOptions For(string fault) =>
            fault == "stall"
                ? FaultProxy.Quick with
                {
                    StallLimit = TimeSpan.FromSeconds(1),
                    AnswerLimit = TimeSpan.FromSeconds(5),
                }
                : FaultProxy.Quick;
    }

    /// <summary>The bucket, in a folder of the caller's own. Skips the test where the server is not installed.</summary>
    public static async Task<S3StoreOptions> NewFolderAsync(this BucketServer server)
    {
        await server.RunningAsync();
        return new S3StoreOptions(BucketServer.Bucket, server.Address, "us-east-1")
        {
            Folder = $"{Guid.NewGuid():N}",
            AccessKey = BucketServer.Key,
            SecretKey = BucketServer.Key,
        };
    }

    /// <summary>
    /// Waits for no broker that is not there: the tests know when theirs is. But a busy one may be slow to answer, and so
    /// may the tests to take what waits for them.
    /// </summary>
    static RabbitMqOptions Parse(string address) =>
        RabbitMqOptions.Parse(address) with
        {
            StartLimit = TimeSpan.Zero,
            ConnectLimit = TimeSpan.FromSeconds(30),
            Lives = new()
            {
                Command = TimeSpan.FromMinutes(1),
                Signal = TimeSpan.FromMinutes(1),
                Question = TimeSpan.FromMinutes(1),
            },
        };
}

/// <summary>Tests with the broker run one after the other: some of them end it.</summary>
[CollectionDefinition("broker")]
public sealed class BrokerCollection;
