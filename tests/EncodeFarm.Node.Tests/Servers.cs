[assembly: AssemblyFixture(typeof(BucketServer))]
