using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm;

/// <summary>Adds up the CPU seconds of the programs that run through it, also of those that fail or are cancelled.</summary>
sealed class CpuMeter(IToolRunner inner) : IToolRunner
{
    readonly Lock _lock = new();
    readonly Dictionary<WorkKind, double> _seconds = [];

    /// <summary>Null until a run has told its time.</summary>
    public double? Total
    {
        get
        {
            lock (_lock)
            {
                return _seconds.Count == 0 ? null : _seconds.Values.Sum();
            }
        }
    }

    public AttemptCpu OfAttempt =>
        new(Of(WorkKind.Search), Of(WorkKind.Encode), Of(WorkKind.Measure));

    public SpentCpu OfTask =>
        new SpentCpu(
            Of(WorkKind.Analyze),
            Of(WorkKind.Audio),
            Of(WorkKind.Mux),
            Of(WorkKind.Validate)
        ) + SpentCpu.None with { Cut = Of(WorkKind.Cut) };

    public async Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
    {
        try
        {
            var result = await inner.RunAsync(command, cancellation);
            Add(command.Kind, result.CpuSeconds);
            return result;
        }
        catch (ToolFailedException failed)
        {
            Add(command.Kind, failed.CpuSeconds);
            throw;
        }
        catch (ToolCancelledException cancelled)
        {
            Add(command.Kind, cancelled.CpuSeconds);
            throw;
        }
    }

    double? Of(WorkKind kind)
    {
        lock (_lock)
        {
            return _seconds.TryGetValue(kind, out var seconds) ? seconds : null;
        }
    }

    void Add(WorkKind kind, double? seconds)
    {
        lock (_lock)
        {
            if (seconds is { } known)
            {
                _seconds[kind] = _seconds.GetValueOrDefault(kind) + known;
            }
        }
    }
}
