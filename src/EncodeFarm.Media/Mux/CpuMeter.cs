using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <summary>Adds up the CPU time of all programs that run through it.</summary>
internal sealed class CpuMeter(IToolRunner runner) : IToolRunner
{
    /// <summary>Null as soon as one run's time is not known.</summary>
    public double? Seconds { get; private set; } = 0;

    public async Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(command, cancellation);
        Seconds += result.CpuSeconds;
        return result;
    }
}
