using EncodeFarm.Actors;

namespace EncodeFarm.Farm.Videos;

public abstract record VideosMessage;

/// <summary>For one video; it is started when it is not running yet.</summary>
public sealed record ToVideo(string Video, VideoMessage Message) : VideosMessage;

/// <summary>For all that run.</summary>
public sealed record ToAllVideos(VideoMessage Message) : VideosMessage;

/// <summary>Supervises the videos, one persistent actor each, and finds them by id.</summary>
/// <param name="options">Makes the options of a video from its id.</param>
public sealed class VideosActor(Func<string, VideoOptions> options) : Actor<VideosMessage>
{
    readonly Dictionary<string, IActorRef<VideoMessage>> _videos = [];

    protected override ValueTask ReceiveAsync(VideosMessage message)
    {
        switch (message)
        {
            case ToVideo to:
                Find(to.Video).Tell(to.Message);
                break;
            case ToAllVideos all:
                foreach (var video in _videos.Values)
                {
                    video.Tell(all.Message);
                }
                break;
        }
        return ValueTask.CompletedTask;
    }

    IActorRef<VideoMessage> Find(string id)
    {
        if (_videos.TryGetValue(id, out var known))
        {
            return known;
        }
        var video = Context.Spawn(id, () => new VideoActor(options(id)));
        _videos[id] = video;
        return video;
    }
}
