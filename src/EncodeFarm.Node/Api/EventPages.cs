using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Node.Embedded;

namespace EncodeFarm.Node.Api;

/// <summary>A job's journal, page by page.</summary>
public sealed class EventPages(ICoordinator coordinator, TimeProvider time)
{
    /// <summary>In one answer; who wants more asks again.</summary>
    private const int Most = 500;

    public async Task<EventPage> NowAsync(string job, long after, CancellationToken cancellation)
    {
        // Looked up before the events: a job that is found to be over has all of them in its journal.
        var state = await coordinator.FindAsync(job, cancellation);
        var events = new List<EventInfo>();
        await foreach (
            var (sequence, happened) in coordinator.EventsAsync(job, after, cancellation)
        )
        {
            var (level, text) = EventWords.Of(happened);
            events.Add(
                new EventInfo(
                    sequence,
                    happened.At,
                    FarmCodecs.Events.Write(happened).Type,
                    level.ToString().ToLowerInvariant(),
                    text
                )
            );
            if (events.Count == Most)
            {
                break;
            }
        }
        var over = events.Count < Most && state is { Over: true };
        return new EventPage(events, events.Count == 0 ? after : events[^1].Sequence, over);
    }

    /// <summary>Where there is nothing yet, waits until something happens to the job, for a second at most.</summary>
    public async Task<EventPage> NextAsync(string job, long after, CancellationToken cancellation)
    {
        var seen = coordinator.Monitor.Videos.GetValueOrDefault(job);
        var page = await NowAsync(job, after, cancellation);
        if (page is not { Events.Count: 0, Over: false })
        {
            return page;
        }
        var happened = await HeldBack.UntilAsync(
            stop => coordinator.Monitor.ChangedAsync(job, seen, stop),
            time,
            cancellation
        );
        return (happened ? await NowAsync(job, after, cancellation) : page) with { Waited = true };
    }
}
