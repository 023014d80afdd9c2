using Spectre.Console;

namespace EncodeFarm.Node.Display;

/// <summary>A view as bars for a terminal.</summary>
public static class LiveView
{
    private const int BarWidth = 24;

    /// <returns>Whole lines, none wider than <paramref name="width"/>.</returns>
    public static string Render(FarmView view, int width, bool color)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(text),
                Ansi = color ? AnsiSupport.Yes : AnsiSupport.No,
                ColorSystem = color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
            }
        );
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(GridOf(view));
        return text.ToString();
    }

    private static Grid GridOf(FarmView view)
    {
        var grid = new Grid { Expand = false };
        for (var column = 0; column < 4; column++)
        {
            grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        }
        foreach (var job in view.Jobs)
        {
            grid.AddRow(
                new Text(Shortened(job.Name), new Style(decoration: Decoration.Bold)),
                Bar(job.Fraction, Color.Green),
                new Text(Words.Percent(job.Fraction).PadLeft(5)),
                new Text(JobFigures(job))
            );
        }
        foreach (var slot in view.Slots)
        {
            grid.AddRow(
                new Text($"  slot {slot.Number}", new Style(Color.Grey)),
                Bar(slot.Fraction, Color.Blue),
                new Text(slot.Work is null ? "" : Words.Percent(slot.Fraction).PadLeft(5)),
                new Text(SlotFigures(slot), new Style(Color.Grey))
            );
        }
        return grid;
    }

    private static string JobFigures(JobView job)
    {
        var parts = new List<string>
        {
            job.Waiting is null ? job.Phase : $"{job.Phase}: {job.Waiting}",
        };
        if (job is { SegmentsDone: { } done, SegmentsTotal: { } total })
        {
            parts.Add(FormattableString.Invariant($"{done}/{total} segments"));
        }
        if (job.RenditionsTotal > 1)
        {
            parts.Add(
                FormattableString.Invariant(
                    $"{job.RenditionsDelivered}/{job.RenditionsTotal} files"
                )
            );
        }
        if (job.Fps is not null)
        {
            parts.Add($"{Words.Number(job.Fps, 1)} fps");
        }
        if (job.Eta is not null)
        {
            parts.Add($"{Words.Time(job.Eta)} left");
        }
        return string.Join(" · ", parts);
    }

    private static string SlotFigures(SlotView slot)
    {
        if (slot.Work is null)
        {
            return "idle";
        }
        var speed = slot.Fps is null ? "" : $" · {Words.Number(slot.Fps, 1)} fps";
        return slot.Phase is null ? $"{slot.Work}{speed}" : $"{slot.Work} · {slot.Phase}{speed}";
    }

    private static Text Bar(double? fraction, Color color)
    {
        var filled = (int)Math.Round(Math.Clamp(fraction ?? 0, 0, 1) * BarWidth);
        return new Text(
            new string('━', filled) + new string('╌', BarWidth - filled),
            new Style(color)
        );
    }

    private static string Shortened(string name)
    {
        const int longest = 32;
        var shown = Words.Name(name);
        return shown.Length <= longest ? shown : $"{shown[..(longest - 8)]}…{shown[^7..]}";
    }
}
