using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Tests.Reports;

public sealed class ReportTextTests
{
    [Fact]
    public void The_report_shows_segments_and_totals() =>
        string.Join('\n', ReportText.Lines(ReportSamples.Delivered))
            .ShouldBe(
                """
                ✓ /in/film.mkv: completed
                  source  1280x720, 456 frames, 23.976 fps, 19s, 0.98 MiB

                  av1-vmaf → /out/film.av1-vmaf.mkv (delivered)
                    seg  start  frames  CRF  tier         probes   VMAF  harmonic    min      size  node   attempts
                      0      0     360   31  1                 3  93.00     92.90  80.25   200 KiB  local         1
                      1    360      96   15  best effort       9  85.00     84.50  81.00  50.0 KiB  other         3
                    size    0.98 MiB → 250 KiB (75.0 % smaller)
                    frames  456 in, 456 out, all there
                    speed   10.0 fps, encoded in 46s
                    VMAF    mean 93.50, harmonic 93.40, min 80.25, p1 –, p5 –
                    tiers   tier 1: 1 segment, best effort: 1 segment
                    repeats 2; nodes: local 79 %, other 21 %
                  ⚠ The subtitle track 4 was left out.

                Time 52s, CPU 23.6 s (cut 0.5, search 14.0, encode 6.0, measure 2.5, audio 0.2, mux 0.1, validate 0.2)
                """
            );

    [Fact]
    public void PSNR_and_SSIM_are_shown_where_they_were_measured()
    {
        var job = ReportSamples.Delivered.Jobs[0];
        var rendition = job.Renditions[0];
        var asked = rendition with
        {
            Vmaf = rendition.Vmaf! with { Psnr = 41.256, Ssim = 0.98765 },
            Segments =
            [
                .. rendition.Segments.Select(segment =>
                    segment with
                    {
                        Vmaf = segment.Vmaf! with { Psnr = 40.5, Ssim = 0.9876 },
                    }
                ),
            ],
        };

        var lines = ReportText
            .Lines(ReportSamples.Delivered with { Jobs = [job with { Renditions = [asked] }] })
            .ToList();

        lines.ShouldContain("    PSNR    41.26 dB, SSIM 0.9877");
        lines.ShouldContain(line => line.Contains(" min   PSNR    SSIM  "));
        lines.Count(line => line.Contains("  40.50  0.9876  ")).ShouldBe(2);
    }

    [Theory]
    [InlineData("Completed", '✓')]
    [InlineData("Failed", '✗')]
    [InlineData("Cancelled", '✗')]
    [InlineData("Encoding", '…')]
    public void Only_what_is_over_is_marked_so(string state, char mark) =>
        ReportText
            .Lines(
                ReportSamples.Delivered with
                {
                    Jobs = [ReportSamples.Delivered.Jobs[0] with { State = state }],
                }
            )
            .First()[0]
            .ShouldBe(mark);

    [Fact]
    public void Lost_frames_are_not_called_all_there()
    {
        var job = ReportSamples.Delivered.Jobs[0];
        var short1 = job with { Renditions = [job.Renditions[0] with { Frames = 455 }] };

        ReportText
            .Lines(ReportSamples.Delivered with { Jobs = [short1] })
            .ShouldContain("    frames  456 in, 455 out");
    }

    [Fact]
    public void A_source_that_could_not_be_used_has_no_report() =>
        ReportText.Lines(ReportSamples.Failed).ShouldBeEmpty();

    [Fact]
    public void Several_jobs_are_summed_up()
    {
        var two = ReportSamples.Delivered with
        {
            Jobs = [ReportSamples.Delivered.Jobs[0], ReportSamples.Failed.Jobs[0]],
        };

        var lines = ReportText.Lines(two).ToList();

        lines.ShouldContain("✗ /in/x.txt: failed");
        lines.ShouldContain("1 of 2 jobs completed, 0.98 MiB → 250 KiB");
    }
}
