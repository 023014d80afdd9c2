using Spectre.Console;
using Cell = Spectre.Console.Text;

namespace EncodeFarm.Node.Display;

/// <summary>A view as bars for a terminal.</summary>
public static class LiveView
{
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
        console.Write(GridOf(view, width));
        return text.ToString();
    }

    private static Grid GridOf(FarmView view, int width)
    {
        var columns = Columns.For(view, width);
        var grid = new Grid { Expand = false };
        for (var column = 0; column < 4; column++)
        {
            grid.AddColumn(
                new GridColumn { NoWrap = true, Padding = new Padding(0, 0, column < 3 ? 2 : 0, 0) }
            );
        }
        foreach (var job in view.Jobs)
        {
            grid.AddRow(
                new Cell(
                    Shortened(Words.Name(job.Name), columns.Name),
                    new Style(decoration: Decoration.Bold)
                ),
                Bar(job.Fraction, columns.Bar, Color.Green),
                new Cell(Words.Percent(job.Fraction).PadLeft(Columns.Percent)),
                new Cell(Cut(JobFigures(job), columns.Figures))
            );
        }
        foreach (var slot in view.Slots)
        {
            AddSlot(grid, columns, slot);
        }
        foreach (var node in view.Nodes)
        {
            grid.AddRow(
                new Cell(
                    Shortened(node.Name, columns.Name),
                    new Style(decoration: Decoration.Bold)
                ),
                Bar((double)node.Running / Math.Max(1, node.Slots ?? 1), columns.Bar, Color.Yellow),
                new Cell(SlotsOf(node).PadLeft(Columns.Percent)),
                new Cell(Cut(NodeFigures(node), columns.Figures))
            );
            foreach (var slot in node.Busy)
            {
                AddSlot(grid, columns, slot);
            }
        }
        return grid;
    }

    private static void AddSlot(Grid grid, Columns columns, SlotView slot)
    {
        var percent = slot.Work is null ? "" : Words.Percent(slot.Fraction);
        grid.AddRow(
            new Cell($"  slot {slot.Number}", new Style(Color.Grey)),
            Bar(slot.Fraction, columns.Bar, Color.Blue),
            new Cell(percent.PadLeft(Columns.Percent)),
            new Cell(Cut(SlotFigures(slot), columns.Figures), new Style(Color.Grey))
        );
    }

    /// <summary>Widths that make every row one line.</summary>
    private sealed record Columns(int Name, int Bar, int Figures)
    {
        public const int Percent = 5;
        private const int Gaps = 6;

        public static Columns For(FarmView view, int width)
        {
            var bar = width >= 90 ? 24 : 10;
            var most = Math.Clamp(width - bar - Percent - Gaps - 24, 10, 32);
            var name = view
                .Jobs.Select(job => Words.Name(job.Name).GetCellWidth())
                .Concat(view.Nodes.Select(node => node.Name.Length))
                .Append(10)
                .Max();
            var taken = Math.Min(name, most);
            return new Columns(taken, bar, Math.Max(0, width - taken - bar - Percent - Gaps));
        }
    }

    private static string JobFigures(JobView job)
    {
        var parts = new List<string>
        {
            job.Waiting is null ? job.Phase : $"{job.Phase}: {job.Waiting}",
        };
        if (job is { SegmentsDone: { } done, SegmentsTotal: { } total })
        {
            parts.Add($"{done}/{total} segments");
        }
        if (job.RenditionsTotal > 1)
        {
            parts.Add($"{job.RenditionsDelivered}/{job.RenditionsTotal} files");
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

    private static string SlotsOf(NodeView node) =>
        node.Slots is { } slots ? $"{node.Running}/{slots}" : Words.Unknown;

    private static string NodeFigures(NodeView node) =>
        node.Slots is null ? $"⚠ {node.Closed}"
        : node.Closed is { } reason ? $"takes no work: {reason}"
        : node.Fps is { } fps and > 0 ? $"{Words.Number(fps, 1)} fps"
        : "";

    private static string SlotFigures(SlotView slot)
    {
        if (slot.Work is null)
        {
            return "idle";
        }
        var speed = slot.Fps is null ? "" : $" · {Words.Number(slot.Fps, 1)} fps";
        return slot.Phase is null ? $"{slot.Work}{speed}" : $"{slot.Work} · {slot.Phase}{speed}";
    }

    private static Cell Bar(double? fraction, int width, Color color)
    {
        var filled = (int)Math.Round(Math.Clamp(fraction ?? 0, 0, 1) * width);
        return new Cell(
            new string('━', filled) + new string('╌', width - filled),
            new Style(color)
        );
    }

    /// <summary>Keeps the end of a name, which often tells files apart.</summary>
    private static string Shortened(string name, int cells)
    {
        var end = cells / 4;
        return name.GetCellWidth() <= cells
            ? name
            : $"{Fitting(name, cells - end - 1)}…{Reversed(Fitting(Reversed(name), end))}";
    }

    private static string Cut(string text, int cells) =>
        text.GetCellWidth() <= cells ? text
        : cells == 0 ? ""
        : $"{Fitting(text, cells - 1)}…";

    /// <summary>As many whole letters from the start as fit.</summary>
    private static string Fitting(string text, int cells) =>
        string.Concat(
            text.EnumerateRunes()
                .TakeWhile(letter => (cells -= letter.ToString().GetCellWidth()) >= 0)
        );

    private static string Reversed(string text) => string.Concat(text.EnumerateRunes().Reverse());
}
