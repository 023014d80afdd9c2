[assembly: AssemblyFixture(typeof(BrokerServer))]
[assembly: AssemblyFixture(typeof(BucketServer))]
[assembly: AssemblyFixture(typeof(PostgresServer))]
