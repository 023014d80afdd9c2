[assembly: AssemblyFixture(typeof(BrokerServer))]
[assembly: AssemblyFixture(typeof(PostgresServer))]
