namespace EncodeFarm.Contracts.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("lsit", "list")]
    [InlineData("DOWN_UNREACHABLE_NOW_A", "down-unreachable-now-a")]
    [InlineData("preset", "encoding.preset")]
    [InlineData("encoding.prest", "encoding.preset")]
    [InlineData("something else", null)]
    [InlineData("foo", null)]
    [InlineData("ol", null)]
    [InlineData("lgo", "log")]
    [InlineData("logs", "log")]
    [InlineData("loose", null)]
    public void What_was_probably_meant(string name, string? nearest) =>
        NearestName
            .Of(name, ["list", "log", "down-unreachable-now-a", "encoding.preset"])
            .ShouldBe(nearest);

    [Fact]
    public void One_slip_is_forgiven_in_every_name_of_three_letters_and_more()
    {
        var random = new Random(5);
        for (var round = 0; round < 5000; round++)
        {
            var name = Word(random, random.Next(3, 20));
            var at = random.Next(name.Length);
            var slip = random.Next(4) switch
            {
                0 => name.Remove(at, 1),
                1 => name.Insert(at, Word(random, 1)),
                2 => name.Remove(at, 1).Insert(at, Word(random, 1)),
                _ => at == 0 ? name : name.Remove(at, 1).Insert(at - 1, name[at..(at + 1)]),
            };
            NearestName.Of(slip, [name]).ShouldBe(name, slip);
        }
    }

    [Fact]
    public void Names_of_which_less_than_half_agrees_are_not_near()
    {
        var random = new Random(6);
        for (var round = 0; round < 5000; round++)
        {
            // One letter more than half of them is of another alphabet, and each costs an edit.
            var name = Word(random, random.Next(1, 20)).ToCharArray();
            var other = name.ToArray();
            foreach (
                var at in Enumerable
                    .Range(0, name.Length)
                    .OrderBy(_ => random.Next())
                    .Take(name.Length / 2 + 1)
            )
            {
                other[at] = (char)random.Next('0', '9' + 1);
            }
            NearestName.Of(new string(other), [new string(name)]).ShouldBeNull();
        }
    }

    private static string Word(Random random, int length) =>
        new([.. Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z' + 1))]);
}
