namespace EncodeFarm.Media.Tests;

public sealed class PlaceholderTests;
