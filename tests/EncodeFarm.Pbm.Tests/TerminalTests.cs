using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Pbm.Tests;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("a<b", "b")]
    [InlineData("abc<<", "a")]
    [InlineData("abc[x", "abxc")]
    [InlineData("abc[[[[[x", "xabc")]
    [InlineData("abc^a^kx", "x")]
    [InlineData("abc[^k", "ab")]
    [InlineData("abc[^u", "c")]
    [InlineData("one two^wx", "one x")]
    [InlineData("one two  ^w", "one ")]
    [InlineData("abc^a]x", "axbc")]
    [InlineData("abc^ax^ey", "xabcy")]
    [InlineData("abc[[~", "ac")]
    [InlineData("ab]]]]c", "abc")]
    [InlineData("<<^w^u^k~x", "x")]
    public void Keys_edit_the_line_as_in_a_shell(string keys, string text) =>
        Type(keys, []).Text.ShouldBe(text);

    [Theory]
    [InlineData("!", "two")]
    [InlineData("!!", "one")]
    [InlineData("!!!!", "one")]
    [InlineData("draft!!?", "two")]
    [InlineData("draft!!??", "draft")]
    [InlineData("draft!?????", "draft")]
    [InlineData("!x", "twox")]
    public void Earlier_lines_come_back(string keys, string text) =>
        Type(keys, ["one", "two"]).Text.ShouldBe(text);

    [Fact]
    public void The_line_stays_one_row_however_long_it_is()
    {
        var line = new EditedLine(new string('x', 200) + "y", 201);

        var drawn = LineScreen.Draw("pbm> ", line, "hint", 40, true);

        drawn.ShouldBe($"\rpbm> {new string('x', 33)}y\u001b[K\r\u001b[39C");
    }

    [Fact]
    public void A_hint_is_dimmed_behind_the_line_and_cut_to_the_row()
    {
        var line = new EditedLine("abc ", 4);

        LineScreen
            .Draw("> ", line, "<job> <n>", 40, true)
            .ShouldBe("\r> abc \u001b[2m<job> <n>\u001b[0m\u001b[K\r\u001b[6C");
        LineScreen
            .Draw("> ", line, "<job> <n>", 12, true)
            .ShouldBe("\r> abc \u001b[2m<jo…\u001b[0m\u001b[K\r\u001b[6C");
        LineScreen.Draw("> ", line, "<job>", 40, false).ShouldBe("\r> abc \u001b[K\r\u001b[6C");
    }

    [Fact]
    public void What_comes_from_the_network_can_not_drive_the_terminal()
    {
        Safe.Line("a\u001b]0;title\u0007b\nc\td").ShouldBe("a␛]0;title␇b␊c d");
        Safe.Block("\u001b[31mred\u001b[0m\n\u001b[2J\u001b[")
            .ShouldBe("\u001b[31mred\u001b[0m\n␛[2J␛[");
    }

    [Fact]
    public void Bars_are_drawn_over_and_lines_pass_above_them()
    {
        var output = new StringWriter();
        var printer = new Printer(output, output, false, false, true);

        printer.Print(new ControlLine(Live: "one\ntwo\n"));
        printer.Print(new ControlLine(Text: "a line"));
        printer.Print(new ControlLine(Live: "three\n"));

        output
            .ToString()
            .ShouldBe("one\ntwo\n\u001b[2A\r\u001b[Ja line\none\ntwo\n\u001b[2A\r\u001b[Jthree\n");
    }

    [Fact]
    public void Nothing_reaches_the_terminal_unseen()
    {
        var output = new StringWriter();
        var printer = new Printer(output, output, false, false, true);

        printer.Print(new ControlLine(Text: "a\u001b[2Jb"));
        printer.Print(new ControlLine(Live: "c\u001b[2Jd\n"));
        printer.Print(new Problem("e\u001b[2Jf", null, ProblemKind.Failed));

        output.ToString().ShouldBe("a␛[2Jb\nc␛[2Jd\n✗ e␛[2Jf\n");
    }

    [Fact]
    public void The_history_outlives_the_client()
    {
        using var directory = new TestDirectory();
        var path = Path.Combine(directory.Path, "deep", "history");
        var first = new History(path);
        foreach (var line in new[] { "a", "a", "", " secret", "b" })
        {
            first.Add(line);
        }

        new History(path).Lines.ShouldBe(["a", "b"]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void A_history_that_can_not_be_kept_is_no_trouble()
    {
        var history = new History("/proc/nowhere/history");

        history.Add("a");

        history.Lines.ShouldBe(["a"]);
    }

    [Fact]
    public void Options_may_stand_anywhere_before_two_dashes()
    {
        var (options, _) = Options.Parse(
            [
                "farm://encodefarm@10.0.0.5:9200",
                "encode",
                "--json",
                "list",
                "--timeout=2m",
                "--",
                "--json",
            ],
            new Dictionary<string, string>()
        );

        options!.Node.ShouldBe("10.0.0.5:9200");
        options.Words.ShouldBe(["encode", "list", "--", "--json"]);
        (options.Json, options.Timeout).ShouldBe((true, TimeSpan.FromMinutes(2)));
    }

    [Theory]
    [InlineData("encode", "127.0.0.1:9110")]
    [InlineData("node1:9111", "node1:9111")]
    [InlineData("[::1]:9111", "[::1]:9111")]
    public void The_first_word_may_be_an_address(string word, string node) =>
        Options.Parse([word], new Dictionary<string, string>()).Options!.Node.ShouldBe(node);

    /// <summary>Signs stand for keys: &lt; backspace, ~ delete, [ and ] left and right, ! and ? up and down, ^x control.</summary>
    private static EditedLine Type(string keys, string[] history)
    {
        var line = EditedLine.Empty;
        for (var at = 0; at < keys.Length; at++)
        {
            var key = keys[at] switch
            {
                '<' => Key(ConsoleKey.Backspace),
                '~' => Key(ConsoleKey.Delete),
                '[' => Key(ConsoleKey.LeftArrow),
                ']' => Key(ConsoleKey.RightArrow),
                '!' => Key(ConsoleKey.UpArrow),
                '?' => Key(ConsoleKey.DownArrow),
                '^' => Key(ConsoleKey.A + (keys[++at] - 'a'), control: true),
                var letter => new ConsoleKeyInfo(letter, default, false, false, false),
            };
            line = LineEditor.Press(line, key, history).Line;
        }
        return line;
    }

    private static ConsoleKeyInfo Key(ConsoleKey key, bool control = false) =>
        new('\0', key, false, false, control);
}
