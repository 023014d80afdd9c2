using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm.Tests;

public sealed class FailuresTests
{
    /// <summary>ENOSPC, EDQUOT and EROFS: the segment is not to blame, and no other would fare better there.</summary>
    [Theory]
    [InlineData(28)]
    [InlineData(122)]
    [InlineData(30)]
    public void A_disk_that_takes_nothing_is_the_nodes_fault(int code)
    {
        var outcome = Failures.OfAttempt(new IOException("Nothing can be written.", code));

        outcome.ShouldBeOfType<AttemptOutcome.Failed>().Kind.ShouldBe(FailureKind.DiskFull);
        Failures.VerdictOf(outcome).ShouldBe(AttemptVerdict.Unfit);
    }

    [Fact]
    public void Any_other_error_of_a_file_may_be_the_segments()
    {
        const int eio = 5;
        var outcome = Failures.OfAttempt(new IOException("Input/output error", eio));

        outcome.ShouldBeOfType<AttemptOutcome.Failed>().Kind.ShouldBe(FailureKind.Tool);
        Failures.VerdictOf(outcome).ShouldBe(AttemptVerdict.Failed);
    }
}
