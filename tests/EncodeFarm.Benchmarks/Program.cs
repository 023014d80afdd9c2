using System.Globalization;
using EncodeFarm.Benchmarks;

// Whole-process benchmarks of the built farm. Run them on an idle machine: ./farm bench
Console.WriteLine(
    "Efficiency: wall time of the encoding phase / (CPU seconds of its processes / slots)"
);
foreach (var (segments, limit) in new[] { (12, 1.15), (24, 1.08) })
{
    var run = await Efficiency.MeasureAsync(segments, slots: 2);
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"  {segments} segments, 2 slots: {run.Ratio:0.000} (limit {limit}), wall {run.WallSeconds:0.0} s, CPU {run.CpuSeconds:0.0} s"
        )
    );
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"    first tool after {run.FirstToolSeconds:0.00} s, the farm's own peak {run.FarmPeakMib} MiB and {run.FarmCpuSeconds:0.0} CPU s"
        )
    );
}
