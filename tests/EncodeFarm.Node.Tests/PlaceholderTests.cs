namespace EncodeFarm.Node.Tests;

public sealed class PlaceholderTests;
