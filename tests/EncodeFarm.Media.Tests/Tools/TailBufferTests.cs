using System.Text;
using EncodeFarm.Media.Tools;
using FsCheck;
using FsCheck.Fluent;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class TailBufferTests
{
    [Fact]
    public void Keeps_all_of_a_short_text()
    {
        Tail(20, "one\n", "two\n").ShouldBe("one\ntwo\n");
    }

    [Fact]
    public void Starts_at_a_line_where_something_was_dropped()
    {
        Tail(10, "first line\n", "second\n", "3rd\n").ShouldBe("3rd\n");
    }

    [Fact]
    public void Keeps_the_end_of_a_line_that_is_too_long()
    {
        Tail(4, "abcdefgh").ShouldBe("efgh");
    }

    [Fact]
    public void Is_the_end_of_what_was_written_however_it_is_cut()
    {
        var pieces = Gen.Elements("a", "bc\n", "\n", "defg", "0123456789").ListOf().ToArbitrary();
        Prop.ForAll(
                pieces,
                list =>
                {
                    var whole = string.Concat(list);
                    return whole.EndsWith(Tail(7, [.. list]), StringComparison.Ordinal);
                }
            )
            .Check(Chance.Config);
    }

    private static string Tail(int capacity, params string[] pieces)
    {
        var tail = new TailBuffer(capacity);
        foreach (var piece in pieces)
            tail.Append(Encoding.UTF8.GetBytes(piece));
        return tail.ToString();
    }
}
