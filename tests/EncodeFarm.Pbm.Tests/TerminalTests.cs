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
    [InlineData("größe 😀<", "größe ")]
    [InlineData("a😀b[[x", "ax😀b")]
    [InlineData("😀😀[~", "😀")]
    [InlineData("e\u0301x^a~", "x")]
    [InlineData("映画[]]y", "映画y")]
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
    public void Wide_letters_take_two_columns()
    {
        var line = new EditedLine("映画映画映画x", 7);

        LineScreen
            .Draw("> ", line, null, 20, true)
            .ShouldBe("\r> 映画映画映画x\u001b[K\r\u001b[15C");
        // Room for 12 columns: the first letter, of two, has to go.
        LineScreen
            .Draw("> ", line, null, 15, true)
            .ShouldBe("\r> 画映画映画x\u001b[K\r\u001b[13C");
        LineScreen
            .Draw("> ", line with { Cursor = 0 }, null, 8, true)
            .ShouldBe("\r> 映画\u001b[K\r\u001b[2C");
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("größe", 5)]
    [InlineData("映画 😀", 7)]
    [InlineData("e\u0301", 1)]
    [InlineData("한글", 4)]
    [InlineData("", 0)]
    public void Cells_are_counted(string text, int cells) => Cells.Of(text).ShouldBe(cells);

    [Fact]
    public void A_narrow_terminal_gets_a_short_prompt() =>
        LineScreen
            .Draw("[127.0.0.1:9110] pbm> ", new EditedLine("abc", 3), null, 30, true)
            .ShouldBe("\r> abc\u001b[K\r\u001b[5C");

    [Fact]
    public void Candidates_break_between_words() =>
        Candidates.Rows(["one", "two", "three", "映画"], 8).ShouldBe(["one  two", "three", "映画"]);

    [Fact]
    public void A_hint_is_told_from_the_line_and_cut_to_the_row()
    {
        var line = new EditedLine("abc ", 4);

        LineScreen
            .Draw("> ", line, "<job> <n>", 40, true)
            .ShouldBe("\r> abc \u001b[2m<job> <n>\u001b[0m\u001b[K\r\u001b[6C");
        LineScreen
            .Draw("> ", line, "<job> <n>", 12, true)
            .ShouldBe("\r> abc \u001b[2m<jo…\u001b[0m\u001b[K\r\u001b[6C");
        LineScreen
            .Draw("> ", line, "<job> <n>", 40, false)
            .ShouldBe("\r> abc (<job> <n>)\u001b[K\r\u001b[6C");
        LineScreen
            .Draw("> ", line, "<job> <n>", 13, false)
            .ShouldBe("\r> abc (<j…)\u001b[K\r\u001b[6C");
        LineScreen
            .Draw("> ", line with { Cursor = 2 }, "<job>", 40, false)
            .ShouldBe("\r> abc \u001b[K\r\u001b[4C");
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
        var printer = new Printer(output, output, false, false, false, () => (80, 24));

        printer.Print(new ControlLine(Live: "one\ntwo\n"));
        printer.Print(new ControlLine(Text: "a line"));
        printer.Print(new ControlLine(Live: "three\n"));

        output
            .ToString()
            .ShouldBe("one\ntwo\n\u001b[2A\r\u001b[Ja line\none\ntwo\n\u001b[2A\r\u001b[Jthree\n");
    }

    [Fact]
    public void Bars_are_cut_to_a_terminal_that_has_become_narrower()
    {
        var output = new StringWriter();
        var columns = 20;
        var printer = new Printer(output, output, false, true, true, () => (columns, 24));

        printer.Print(new ControlLine(Live: "\u001b[1mone\u001b[0m two three  \n映画 x\n"));
        columns = 6;
        printer.Print(new ControlLine(Live: "\u001b[1mone\u001b[0m two three  \n映画 x\n"));

        // What was drawn takes 3 + 1 rows now.
        output
            .ToString()
            .ShouldBe(
                "\u001b[1mone\u001b[0m two three\n映画 x\n"
                    + "\u001b[4A\r\u001b[J"
                    + "\u001b[1mone\u001b[0m tw\n映画 x\n"
            );
    }

    [Fact]
    public void Bars_are_never_higher_than_the_screen()
    {
        var output = new StringWriter();
        var printer = new Printer(output, output, false, false, false, () => (80, 4));

        printer.Print(new ControlLine(Live: "1\n2\n3\n"));
        printer.Print(new ControlLine(Live: "1\n2\n3\n4\n5\n"));

        output
            .ToString()
            .ShouldBe("1\n2\n3\n\u001b[3A\r\u001b[J1\n2\n… 3 more lines: the screen is too low.\n");
    }

    [Fact]
    public void Nothing_reaches_the_terminal_unseen()
    {
        var output = new StringWriter();
        var printer = new Printer(output, output, false, false, false, () => (80, 24));

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

    [Fact]
    public void A_line_of_a_conversation_may_shape_its_answer()
    {
        var options = Options.Parse(["--no-color"], new Dictionary<string, string>()).Options!;

        var line = options.With(["encode", "submit", "--json", "a", "--", "--json", "-h"]);
        line.Words.ShouldBe(["encode", "submit", "a", "--", "--json", "-h"]);
        (line.Json, line.NoColor, line.WantsHelp).ShouldBe((true, true, false));

        line = options.With(["encode", "list", "-h"]);
        line.Words.ShouldBe(["encode", "list"]);
        (line.Json, line.WantsHelp).ShouldBe((false, true));
        options.With(["help"]).WantsHelp.ShouldBeTrue();
    }

    [Theory]
    [InlineData("--json takes no value.", "cluster", "show", "--json=maybe")]
    [InlineData("--no-color takes no value.", "--no-color=1", "cluster", "show")]
    [InlineData("--help takes no value.", "cluster", "--help=me")]
    [InlineData("--version takes no value.", "--version=1")]
    [InlineData("There is no option --frob.", "--frob", "cluster", "show")]
    [InlineData("There is no option --frob.", "10.0.0.5:9200", "--frob=1", "cluster")]
    [InlineData("There is no option -x.", "-x")]
    [InlineData("--timeout needs a value.", "--timeout")]
    [InlineData("--version takes no value.", "10.0.0.5:9200", "--version=1")]
    [InlineData(
        "--timeout is '60d', but must be like 500ms, 5s or 1m, and at most 1d.",
        "--timeout",
        "60d"
    )]
    [InlineData(FarmClient.UnsendableToken, "--token", "0123456789abcdef\r")]
    [InlineData(FarmClient.UnsendableToken, "--token=0123456789abcdéf")]
    public void What_is_no_option_is_told(string sentence, params string[] words) =>
        Options.Parse(words, new Dictionary<string, string>()).Wrong.ShouldBe(sentence);

    [Fact]
    public void The_version_may_be_asked_behind_an_address() =>
        Options
            .Parse(["10.0.0.5:9200", "--version"], new Dictionary<string, string>())
            .Options!.Version.ShouldBeTrue();

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
