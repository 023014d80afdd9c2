namespace EncodeFarm.Media.Encode;

/// <summary>One tier of one segment: probes until the search is content, sees to it that the whole segment is, and books the costs.</summary>
internal sealed class TargetQuality(SegmentTask task, QualityTier tier, SegmentWork work)
{
    /// <summary>A probe of the whole segment this near to the target ends the search, VMAF.</summary>
    private const double ProbeTolerance = 0.5;

    /// <summary>
    /// Samples need not come nearer: they differ from the whole by up to 0.7, and the CRF for the whole is interpolated. After
    /// them a whole segment this near is good, and one further away is corrected once.
    /// </summary>
    private const double SampleTolerance = QualitySearch.Allowance;
    private const int FinalEncodes = 2;

    private readonly List<Trial> _trials = [];
    private readonly List<MeasuredPoint> _points = [.. task.Known];

    public async Task<SegmentOutcome> RunAsync(ProbeFrames frames, CancellationToken cancellation)
    {
        var probes = task.Settings.Video.Quality.MaxProbes;
        var tolerance = frames.IsWhole ? ProbeTolerance : SampleTolerance;
        var verdict = await SearchAsync(frames, tolerance, probes, cancellation);
        if (!frames.IsWhole && verdict is SearchStep.Accept)
        {
            var whole = ProbeFrames.Whole(task.Source.Frames);
            verdict = await SearchAsync(whole, SampleTolerance, FinalEncodes, cancellation);
        }
        return verdict switch
        {
            SearchStep.Accept(var point) => await FinishAsync((int)point.Crf, cancellation),
            SearchStep.Missed when tier.Number == QualityTier.BestEffort && _points.Count > 0 =>
                await FinishAsync((int)QualitySearch.BestEffort(_points).Crf, cancellation),
            SearchStep.Missed missed => new SegmentOutcome.QualityMissed(
                tier.Number,
                missed.Reason,
                _points,
                ProbeCount,
                new AttemptCpu(Sum(_trials.Select(Cost)), 0, 0)
            ),
            _ => throw new InvalidOperationException($"The search ended with {verdict}."),
        };
    }

    private int ProbeCount => _trials.Select(trial => trial.Crf).Distinct().Count();

    /// <summary>Probes on one curve until the search accepts or gives up.</summary>
    private async Task<SearchStep> SearchAsync(
        ProbeFrames frames,
        double tolerance,
        int probes,
        CancellationToken cancellation
    )
    {
        var quality = task.Settings.Video.Quality;
        for (var left = probes; ; left--)
        {
            var step = QualitySearch.Next(
                new SearchInput(
                    tier.Target,
                    tolerance,
                    quality.CrfMin,
                    quality.CrfMax,
                    left,
                    [.. _points.Where(point => point.SampleKey == frames.Key)],
                    Hints(frames.Key)
                )
            );
            if (step is not SearchStep.Probe(var crf))
            {
                return step;
            }
            await TryAsync(frames, crf, cancellation);
        }
    }

    /// <summary>The last curve that was measured apart from this one.</summary>
    private List<MeasuredPoint> Hints(string key)
    {
        var last = _points.FindLast(point => point.SampleKey != key)?.SampleKey;
        return _points.FindAll(point => point.SampleKey == last);
    }

    private async Task<Trial> TryAsync(ProbeFrames frames, int crf, CancellationToken cancellation)
    {
        var phase = $"probe {_trials.Count + 1}, CRF {crf}";
        var trial = await work.TryAsync(frames, crf, phase, cancellation);
        _trials.Add(trial);
        _points.RemoveAll(point => point.SampleKey == frames.Key && point.Crf == crf);
        _points.Add(
            new MeasuredPoint(
                crf,
                // Decisions must not hang on the last bits of a sum.
                Math.Round(trial.Measurement!.Scores.HarmonicMean, 2),
                trial.Stream.SizeBytes,
                frames.IsWhole,
                frames.Key
            )
        );
        return trial;
    }

    private async Task<SegmentOutcome> FinishAsync(int crf, CancellationToken cancellation)
    {
        var final =
            _trials.Find(trial => trial.Whole && trial.Crf == crf)
            ?? await TryAsync(ProbeFrames.Whole(task.Source.Frames), crf, cancellation);
        var others = _trials.Where(trial => trial != final).ToList();
        others.ForEach(trial => File.Delete(trial.Path));
        var scores = final.Measurement!.Scores;
        return new SegmentOutcome.Encoded(
            final.Path,
            final.Stream.SizeBytes,
            final.Stream.Sha256,
            final.Measurement.Frames,
            crf,
            tier.Number,
            BelowTarget: tier.Number == QualityTier.BestEffort
                && scores.HarmonicMean < tier.Target - QualitySearch.Allowance,
            scores,
            ProbeCount,
            _points,
            new AttemptCpu(Sum(others.Select(Cost)), final.EncodeCpu, final.MeasureCpu),
            final.EncodeWall.TotalSeconds
        );
    }

    private static double? Cost(Trial trial) => trial.EncodeCpu + trial.MeasureCpu;

    /// <summary>Null where one of them is not known.</summary>
    private static double? Sum(IEnumerable<double?> seconds) =>
        seconds.Aggregate((double?)0, (sum, one) => sum + one);
}
