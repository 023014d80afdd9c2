using FsCheck;

namespace EncodeFarm.TestServers;

/// <summary>Properties are tried with new values each time, but in CI with the same ones: what fails there is due to the change.</summary>
public static class Chance
{
    public static Config Config { get; } =
        Environment.GetEnvironmentVariable("CI") is null
            ? Config.QuickThrowOnFailure
            : Config.QuickThrowOnFailure.WithReplay(1, 1);
}
