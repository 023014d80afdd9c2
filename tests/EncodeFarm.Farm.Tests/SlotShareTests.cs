using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm.Tests;

public sealed class SlotShareTests
{
    [Theory]
    [InlineData(2, 2, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(2, 0, 2)]
    [InlineData(8, 3, 2)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 4, 1)]
    public void An_attempt_takes_the_cores_of_slots_that_nobody_uses(
        int slots,
        int attempts,
        int threads
    )
    {
        var share = new SlotShare();
        share.Each.ShouldBe(1);

        share.Divide(slots, attempts);

        share.Each.ShouldBe(threads);
    }
}
