using System.Collections.Immutable;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Tests;

public sealed class LabelsTests
{
    const int Cases = 5000;

    [Theory]
    [InlineData("", "")]
    [InlineData(" rack=2 , gpu=yes ,", "gpu=yes,rack=2")]
    [InlineData("gpu=yes\nzone=eu-1.a_b", "gpu=yes,zone=eu-1.a_b")]
    public void Text_is_put_into_order(string text, string canonical) =>
        Labels.Parse(text).ToString().ShouldBe(canonical);

    [Theory]
    [InlineData("gpu")]
    [InlineData("gpu=")]
    [InlineData("=yes")]
    [InlineData("gpu=yes=no")]
    [InlineData("gpu=yes,gpu=no")]
    [InlineData("gpu=ja wohl")]
    [InlineData("gpü=yes")]
    [InlineData("gpu=\u001b[31m")]
    public void What_is_no_label_is_refused(string text)
    {
        Labels.TryParse(text, out var labels).ShouldBeFalse();
        labels.ShouldBe(Labels.None);
    }

    [Fact]
    public void They_travel_as_one_text()
    {
        var beat = new Heartbeat("n", "1", 1, "f", null, [], [])
        {
            Labels = Labels.Parse("b=2,a=1"),
        };

        var read = (Heartbeat)FarmCodecs.Wire.Open(FarmCodecs.Wire.Seal(beat));

        FarmCodecs.Wire.Seal(beat).Json.ShouldContain("\"labels\":\"a=1,b=2\"");
        read.Labels.ShouldBe(beat.Labels);
        // As a worker sends it that knows of no labels.
        var before = FarmCodecs.Wire.Seal(beat with { Labels = null });
        ((Heartbeat)FarmCodecs.Wire.Open(before)).Labels.ShouldBeNull();
    }

    [Fact]
    public void A_change_removes_sets_and_leaves_the_rest()
    {
        var random = new Random(1);
        for (var round = 0; round < Cases; round++)
        {
            var (before, set) = (Some(random), Some(random));
            var remove = Some(random).Pairs.Keys.ToImmutableArray();

            var after = before.With(new LabelChange(set, remove));

            after.Have(set).ShouldBeTrue();
            after
                .Except(set)
                .Pairs.ShouldAllBe(pair =>
                    before.Pairs.Contains(pair) && !remove.Contains(pair.Key)
                );
            before
                .Pairs.Where(pair => !set.Pairs.ContainsKey(pair.Key))
                .Where(pair => !remove.Contains(pair.Key))
                .ShouldAllBe(pair => after.Pairs.Contains(pair));
            Labels.Parse(after.ToString()).ShouldBe(after);
        }
    }

    /// <summary>Whatever nodes and jobs there are: work goes only where the labels are, and what can't go anywhere says so.</summary>
    [Fact]
    public void Work_goes_only_where_its_labels_are()
    {
        var random = new Random(2);
        var (placed, blocked) = (0, 0);
        for (var round = 0; round < Cases; round++)
        {
            var videos = Enumerable.Range(0, 3).Select(index => Video(index, random)).ToArray();
            var nodes = Enumerable.Range(0, 3).Select(index => Node(index, random)).ToArray();
            var input = new PlacementInput(videos, nodes, [], new Dictionary<string, int>());

            if (Placement.Next(input) is { } next)
            {
                placed++;
                next.Node.Labels.Have(next.Video.Needs).ShouldBeTrue();
            }
            else
            {
                videos.ShouldAllBe(video => !nodes.Any(node => node.Labels.Have(video.Needs)));
            }
            foreach (var video in videos)
            {
                var able = nodes.Any(node => node.Labels.Have(video.Needs));
                var why = Placement.WaitingFor(video, input)!;
                why.StartsWith("blocked: needs label", StringComparison.Ordinal).ShouldBe(!able);
                blocked += able ? 0 : 1;
            }
        }
        placed.ShouldBeGreaterThan(Cases / 10);
        blocked.ShouldBeGreaterThan(Cases / 10);
    }

    [Theory]
    [InlineData("gpu=yes", "", "", "blocked: needs label gpu=yes")]
    [InlineData("gpu=yes,rack=2", "rack=2", "", "blocked: needs label gpu=yes")]
    [InlineData("gpu=yes,rack=2", "rack=1", "gpu=no", "blocked: needs labels gpu=yes,rack=2")]
    [InlineData(
        "gpu=yes,rack=2",
        "rack=2",
        "gpu=yes",
        "blocked: needs labels gpu=yes,rack=2 on one worker"
    )]
    public void What_is_blocked_names_what_is_missing(
        string needs,
        string one,
        string two,
        string why
    )
    {
        var video = Video(0, new Random(3)) with { Needs = Labels.Parse(needs) };
        NodeState[] nodes = [Node("one", one), Node("two", two)];

        Placement
            .WaitingFor(
                video,
                new PlacementInput([video], nodes, [], new Dictionary<string, int>())
            )
            .ShouldBe(why);
    }

    [Fact]
    public void A_node_without_the_labels_is_no_other_node_to_wait_for()
    {
        var video = Video(0, new Random(4)) with { Needs = Labels.Parse("gpu=yes") };
        video = video with { Offers = [video.Offers[0] with { Avoid = ["one"] }] };
        NodeState[] nodes = [Node("one", "gpu=yes"), Node("two", "")];

        Placement
            .Next(new PlacementInput([video], nodes, [], new Dictionary<string, int>()))!
            .Node.Name.ShouldBe("one");
    }

    static Labels Some(Random random) =>
        Labels.Parse(
            string.Join(
                ',',
                new[] { "a", "b", "c" }
                    .Where(_ => random.Next(2) == 0)
                    .Select(key => $"{key}={random.Next(2)}")
            )
        );

    static VideoOffers Video(int index, Random random)
    {
        var range = Samples.Range(new(0, 0, 48, 0, 0, 2));
        var task = new SegmentTask(range, Samples.Settings(new VideoSettings()), null, []);
        var offer = new SegmentOffer(new SegmentId(0, 0), 1, task, null, false, [], false);
        return new VideoOffers($"v{index}", 0, index, Samples.Fingerprint, "plan", [offer])
        {
            Needs = Some(random),
        };
    }

    static NodeState Node(int index, Random random) => Node($"n{index}", Some(random).ToString());

    static NodeState Node(string name, string labels) =>
        new(name, 1, Samples.Fingerprint, null, Samples.Start) { Labels = Labels.Parse(labels) };
}
