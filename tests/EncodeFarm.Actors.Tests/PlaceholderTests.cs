namespace EncodeFarm.Actors.Tests;

public sealed class PlaceholderTests;
