using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Members;

namespace EncodeFarm.Cluster.Tests.Members;

public sealed class EpochClockTests
{
    readonly ManualTimeProvider _time = new();
    readonly EpochClock _clock;

    public EpochClockTests() => _clock = new(_time);

    [Fact]
    public void Nothing_is_known_before_the_first_announcement() => _clock.Now.ShouldBeNull();

    [Fact]
    public void It_goes_on_where_nothing_is_heard_any_more()
    {
        Hear(3, 20);
        _time.Advance(TimeSpan.FromSeconds(50));
        _clock.Now.ShouldBe((3, TimeSpan.FromSeconds(70)));
    }

    [Fact]
    public void The_newest_announcement_counts()
    {
        Hear(3, 20);
        _time.Advance(TimeSpan.FromSeconds(1));
        Hear(3, 20.9);
        _clock.Now.ShouldBe((3, TimeSpan.FromSeconds(20.9)));
    }

    [Fact]
    public void A_new_epoch_has_a_time_of_its_own_and_the_old_one_is_heard_no_more()
    {
        Hear(3, 20);
        Hear(4, 0.5);
        Hear(3, 21);
        _clock.Now.ShouldBe((4, TimeSpan.FromSeconds(0.5)));
    }

    void Hear(long epoch, double seconds) =>
        _clock.Hear(
            MemberTable.Empty with
            {
                Epoch = epoch,
                Announced = TimeSpan.FromSeconds(seconds),
            }
        );
}
