using System.Globalization;
using System.Security.Cryptography;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Drills.Tests;

/// <summary>A journal as long use leaves it: finished jobs, and some that are in the middle of their segments.</summary>
static class FullJournal
{
    public const int Jobs = 1000;
    public const int Unfinished = 20;
    public const int Segments = 200;
    const int DoneOfUnfinished = 150;

    static readonly byte[] Segment = [1, 2, 3, 4];
    static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Segment));

    /// <param name="store">Gets the segments that the unfinished jobs have.</param>
    public static async Task WriteAsync(ISeat seat, IArtifactStore store, string scratch)
    {
        var mandates = new TaskCompletionSource<Mandate>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        seat.Apply(mandate => mandates.TrySetResult(mandate), _ => { });
        var mandate = await mandates.Task;
        for (var number = 0; number < Jobs; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"job{number:0000}");
            var open = number % (Jobs / Unfinished) == 0;
            var events = Events(id, open);
            var state = events.Aggregate(VideoState.Empty, VideoFold.Apply);
            await mandate.Index.SaveAsync(JobEntry.Of(id, number, state), default);
            await mandate.Journal.AppendAsync(
                id,
                0,
                [.. events.Select(FarmCodecs.Events.Write)],
                default
            );
            if (open)
            {
                await StoreAsync(state, store, scratch);
            }
        }
    }

    static List<VideoEvent> Events(string id, bool open)
    {
        var spec = Samples.Job() with
        {
            Id = id,
            Destinations = [$"/out/{id}.mkv"],
            Options = new JobOptions(),
        };
        var made = Samples.Plan(spec, Segments, audio: 0);
        var at = Samples.Start;
        List<VideoEvent> events =
        [
            new VideoSubmitted(spec, Samples.Fingerprint) { At = at },
            new VideoPlanned(
                made.Analysis,
                made.Plan,
                made.Ranges,
                made.Settings,
                made.CpuSeconds,
                made.Skipped
            )
            {
                At = at,
            },
        ];
        for (var index = 0; index < (open ? DoneOfUnfinished : Segments); index++)
        {
            events.Add(Encoded(id, new SegmentId(0, index)));
        }
        if (!open)
        {
            events.Add(new DeliveryStarted(0, Samples.Muxed(0)) { At = at });
            events.Add(new RenditionDelivered(0) { At = at });
            events.Add(new WorkCleaned { At = at });
        }
        return events;
    }

    static SegmentEncoded Encoded(string id, SegmentId segment)
    {
        var attempt = string.Create(CultureInfo.InvariantCulture, $"1-{segment.Index}");
        var figures = Samples.Encoded(segment, attempt).Figures;
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{id}/encoded/0/segment_{segment.Index:0000}.{attempt}.ivf"
        );
        return new SegmentEncoded(
            segment,
            attempt,
            "w1",
            new StoredArtifact(name, Segment.Length, Hash),
            figures
        )
        {
            At = Samples.Start,
        };
    }

    static async Task StoreAsync(VideoState state, IArtifactStore store, string scratch)
    {
        foreach (var segment in state.Renditions[0].Segments)
        {
            if (segment.Done is { } done)
            {
                var path = Path.Combine(scratch, "segment");
                await File.WriteAllBytesAsync(path, Segment);
                await store.PutAsync(done.Artifact, path, default);
            }
        }
    }
}
