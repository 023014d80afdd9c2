namespace EncodeFarm.Persistence.Tests;

public sealed class PlaceholderTests;
