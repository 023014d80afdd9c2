using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Tests.Api;

/// <summary>Orders that arrive when nobody waits for their answer any more.</summary>
public sealed class LateOrderTests : ApiCaller
{
    public LateOrderTests() => Farm.Coordinator.Age = TimeSpan.FromSeconds(100);

    [Theory]
    [InlineData(7, 100)]
    [InlineData(7, 97.1)]
    // What the other node knows of the time may be a little ahead.
    [InlineData(7, 100.2)]
    // It has heard of a newer coordinator than this one: the epoch in the journal stops this one.
    [InlineData(8, 1)]
    public async Task One_that_is_in_time_is_carried_out(long epoch, double seconds)
    {
        Farm.NodeTwo.EpochTime = (epoch, TimeSpan.FromSeconds(seconds));
        (await DrainAsync()).Ok.ShouldBeTrue();
        Farm.Coordinator.Members.Members[1].Draining.ShouldBeTrue();
    }

    [Theory]
    [InlineData(7, 96.9, "The order was under way for too long")]
    [InlineData(7, 0, "The order was under way for too long")]
    [InlineData(6, 99.9, "Another coordinator has taken over")]
    [InlineData(6, 500, "Another coordinator has taken over")]
    public async Task One_that_is_late_is_not(long epoch, double seconds, string words)
    {
        Farm.NodeTwo.EpochTime = (epoch, TimeSpan.FromSeconds(seconds));
        var reply = await DrainAsync();
        reply.Status.ShouldBe(503);
        reply.Json.ShouldContain(words);
        Farm.Coordinator.Members.Members[1].Draining.ShouldBeFalse();
    }

    [Fact]
    public async Task A_late_question_does_no_harm()
    {
        Farm.NodeTwo.EpochTime = (6, TimeSpan.Zero);
        (await Farm.ApiTwo.HandleAsync(new("GET", "jobs"), Stop)).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_that_has_heard_no_coordinator_yet_is_trusted()
    {
        Farm.NodeTwo.EpochTime = null;
        (await DrainAsync()).Ok.ShouldBeTrue();
    }

    private Task<ApiReply> DrainAsync() =>
        Farm.ApiTwo.HandleAsync(
            new("POST", "members/drain", null, ContractsJson.Write(new MemberRequest("two"))),
            Stop
        );
}
