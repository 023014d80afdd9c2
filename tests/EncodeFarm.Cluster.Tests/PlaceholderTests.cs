namespace EncodeFarm.Cluster.Tests;

public sealed class PlaceholderTests;
