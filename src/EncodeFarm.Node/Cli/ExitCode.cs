using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Cli;

/// <summary>What scripts tell the outcome by.</summary>
public static class ExitCode
{
    public const int Ok = 0;
    public const int JobFailed = 1;
    public const int Usage = 2;
    public const int BadInput = 3;
    public const int ToolMissing = 4;

    /// <summary>128 + SIGINT, as shells do it.</summary>
    public const int Interrupted = 130;

    public static int Of(FarmError error) =>
        error switch
        {
            FarmError.BadConfiguration => Usage,
            FarmError.BadInput or FarmError.BadOutput => BadInput,
            FarmError.ToolMissing => ToolMissing,
            _ => JobFailed,
        };
}
