using System.Runtime.CompilerServices;
using System.Text.Json;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Videos;

/// <summary>Reads a video's journal without waking the video.</summary>
public static class VideoReader
{
    /// <summary>The state after all events; null where there are none.</summary>
    /// <exception cref="UnreadableJournalException">One of them is not known here.</exception>
    public static async Task<VideoState?> StateAsync(
        IJournal journal,
        string video,
        CancellationToken cancellation
    )
    {
        VideoState? state = null;
        await foreach (var (_, happened) in EventsAsync(journal, video, 0, cancellation))
        {
            state = VideoFold.Apply(state ?? VideoState.Empty, happened);
        }
        return state;
    }

    public static async IAsyncEnumerable<(long Sequence, VideoEvent Event)> EventsAsync(
        IJournal journal,
        string video,
        long after,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (var stored in journal.ReadAsync(video, after, cancellation))
        {
            yield return (stored.Sequence, Read(video, stored));
        }
    }

    static VideoEvent Read(string video, StoredEvent stored)
    {
        try
        {
            return FarmCodecs.Events.Read(stored.Event);
        }
        catch (JsonException error)
        {
            throw UnreadableJournalException.Of(video, stored.Sequence, error);
        }
    }
}
