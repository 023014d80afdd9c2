namespace EncodeFarm.Farm.Tests;

public sealed class PlaceholderTests;
