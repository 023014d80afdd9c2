using EncodeFarm.Node.Display;
using Spectre.Console;

namespace EncodeFarm.Node.Tests.Display;

public sealed class ViewTests
{
    private static readonly FarmView Busy = new(
        [
            new JobView(
                "film.mkv",
                "encoding",
                0.261,
                14.93,
                TimeSpan.FromSeconds(88),
                2,
                7,
                0,
                1,
                null
            ),
            new JobView(
                "a very long name of a file that would not fit.mkv",
                "analyzing",
                null,
                null,
                null,
                null,
                null,
                0,
                6,
                null
            ),
            new JobView("late.mkv", "encoding", 0.5, null, null, 3, 6, 1, 6, "no free slot"),
        ],
        [
            new SlotView(1, "segment 3", "probe 2, CRF 34", 0.66, 20.04),
            new SlotView(2, "audio-0-1", null, null, null),
            new SlotView(3, null, null, null, null),
        ]
    );

    [Fact]
    public void Bars_show_jobs_and_slots() =>
        Lines(LiveView.Render(Busy, 120, color: false))
            .ShouldBe([
                "film.mkv                          ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   26 %  encoding · 2/7 segments · 14.9 fps · 1m28s left",
                "a very long name of a f… fit.mkv  ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌      –  analyzing · 0/6 files",
                "late.mkv                          ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌   50 %  encoding: no free slot · 3/6 segments · 1/6 files",
                "  slot 1                          ━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌   66 %  segment 3 · probe 2, CRF 34 · 20.0 fps",
                "  slot 2                          ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌      –  audio-0-1",
                "  slot 3                          ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌         idle",
            ]);

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        var lines = LiveView.Render(Busy, width, color: false).TrimEnd('\n').Split('\n');

        lines.ShouldAllBe(line => line.GetCellWidth() <= width);
        lines.Length.ShouldBe(6);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public void Wide_letters_fit_as_well(int width)
    {
        var job = Busy.Jobs[0] with
        {
            Name = string.Concat(Enumerable.Repeat("日本語の映画", 8)) + ".mkv",
        };

        var lines = LiveView
            .Render(Busy with { Jobs = [job] }, width, color: false)
            .TrimEnd('\n')
            .Split('\n');

        lines.Length.ShouldBe(4);
        lines.ShouldAllBe(line => line.GetCellWidth() <= width);
    }

    [Fact]
    public void Colour_is_only_there_when_asked_for()
    {
        LiveView.Render(Busy, 100, color: false).ShouldNotContain("\u001b");
        LiveView.Render(Busy, 100, color: true).ShouldContain("\u001b[");
    }

    [Fact]
    public void Lines_show_jobs() =>
        PlainView
            .Of(Busy)
            .ShouldBe([
                "film.mkv: encoding, 26 %, segments 2/7, 14.9 fps, 1m28s left",
                "a very long name of a file that would not fit.mkv: analyzing, files 0/6",
                "late.mkv: encoding: no free slot, 50 %, segments 3/6, files 1/6",
            ]);

    [Fact]
    public void Messages_pass_above_the_bars()
    {
        using var terminal = new StringWriter();
        var region = new LiveRegion(terminal);

        region.Draw("one\ntwo\n");
        region.WriteAbove("message");
        region.Draw("one\ntwo\n");
        region.Draw("");

        const string erase = "\u001b[2A\r\u001b[J";
        terminal.ToString().ShouldBe($"one\ntwo\n{erase}message\none\ntwo\n{erase}");
    }

    [Fact]
    public async Task A_display_draws_what_has_changed_and_leaves_nothing_behind()
    {
        using var terminal = new StringWriter();
        var drawn = new SemaphoreSlim(0);
        var output = new ProgressOutput(
            ProgressMode.Live,
            terminal,
            _ => { },
            () => 100,
            Color: false
        );
        var display = new ProgressDisplay(
            output,
            () =>
            {
                drawn.Release();
                return Busy;
            },
            TimeProvider.System
        );

        display.Changed();
        await drawn.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await display.DisposeAsync();

        terminal.ToString().ShouldContain("film.mkv");
        terminal.ToString().ShouldEndWith("\u001b[6A\r\u001b[J");
    }

    [Fact]
    public async Task Lines_that_stay_the_same_are_not_repeated()
    {
        var lines = new List<string>();
        var time = new StepTime();
        var drawn = new SemaphoreSlim(0);
        var output = new ProgressOutput(
            ProgressMode.Plain,
            TextWriter.Null,
            lines.Add,
            () => 100,
            Color: false
        );
        var display = new ProgressDisplay(
            output,
            () =>
            {
                drawn.Release();
                return Busy;
            },
            time
        );

        display.Changed();
        await drawn.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        display.Changed();
        await drawn.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await display.DisposeAsync();

        lines.Count.ShouldBe(3);
    }

    private static string[] Lines(string text) =>
        [.. text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];

    /// <summary>Every pause is over at once.</summary>
    private sealed class StepTime : TimeProvider
    {
        public override ITimer CreateTimer(
            TimerCallback callback,
            object? state,
            TimeSpan dueTime,
            TimeSpan period
        ) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
