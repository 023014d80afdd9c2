using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Audio;

namespace EncodeFarm.Farm.Videos;

/// <summary>Encodes one audio track, whole, beside the video.</summary>
public sealed class AudioActor(TaskContext task, TaskId id) : LongTask(task, id)
{
    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        var audio = await Job.Media.EncodeAudioAsync(
            Job.State,
            Id.A,
            Id.B,
            Job.Directory,
            cancellation
        );
        await StoreAsync(audio, cancellation);
        return new AudioMade(Id.A, Id.B, audio);
    }

    /// <summary>Into the store, where another coordinator finds it. While that is away the track stays here, and only a takeover would encode it again.</summary>
    async Task StoreAsync(EncodedAudio audio, CancellationToken cancellation)
    {
        try
        {
            await Job.Store.PutAsync(
                ArtifactNames.Audio(Job.Video, Id.A, audio),
                audio.Path,
                cancellation
            );
        }
        catch (ArtifactException error)
        {
            Context.Log(
                Actors.ActorLogLevel.Warning,
                $"The audio track {audio.StreamIndex} of {Job.Video} is not in the store: {error.Message}"
            );
        }
    }
}
