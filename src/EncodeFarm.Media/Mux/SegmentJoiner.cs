using System.Security.Cryptography;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// Joins the elementary streams of segments: IVF (AV1, VP9) frame by frame with its timestamps numbered through, byte
/// streams (H.264, H.265) picture by picture. Joining containers instead would round at every seam and drift; here a
/// frame has its place alone, and the muxer gives it its real time.
/// </summary>
public static class SegmentJoiner
{
    /// <summary>
    /// Checks each segment's length, SHA-256, frame count and settings while it is copied. Nothing is left at
    /// <paramref name="destination"/> when it fails.
    /// </summary>
    /// <param name="segments">In the order of the plan.</param>
    /// <param name="codec">Of all segments.</param>
    /// <param name="frameRate">Mean rate, for the header of IVF; timestamps count frames.</param>
    /// <exception cref="SegmentDamagedException">A segment's file differs from its record, or from its neighbours' settings.</exception>
    /// <exception cref="FarmException">The disk is full.</exception>
    public static Task<JoinedVideo> JoinAsync(
        IReadOnlyList<JoinInput> segments,
        string destination,
        VideoCodec codec,
        Rational frameRate,
        CancellationToken cancellation
    ) =>
        Task.Run(
            () =>
            {
                try
                {
                    return Join(segments, destination, codec, frameRate, cancellation);
                }
                catch (IOException exception) when (DiskSpace.IsFull(exception))
                {
                    File.Delete(destination);
                    throw DiskSpace.Full(destination, segments.Sum(segment => segment.SizeBytes));
                }
                catch
                {
                    File.Delete(destination);
                    throw;
                }
            },
            cancellation
        );

    private static JoinedVideo Join(
        IReadOnlyList<JoinInput> segments,
        string destination,
        VideoCodec codec,
        Rational frameRate,
        CancellationToken cancellation
    )
    {
        using var output = new FileStream(
            destination,
            FileMode.Create,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 1 << 16
        );
        using var payloads = new PayloadLog(segments.Sum(segment => segment.Frames));
        ISegmentJoin join = IsAnnexB(codec)
            ? new AnnexBJoin(output, codec, payloads)
            : new IvfJoin(output, frameRate, segments.Sum(segment => segment.Frames), payloads);
        for (var index = 0; index < segments.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            Append(join, index, segments[index]);
        }
        output.Flush();
        return new JoinedVideo(
            destination,
            output.Length,
            payloads.Hashes.Count,
            payloads.Finish(),
            payloads.Hashes,
            [.. segments.Select(segment => segment.Frames)]
        );
    }

    private static bool IsAnnexB(VideoCodec codec) => codec is VideoCodec.H264 or VideoCodec.H265;

    private static void Append(ISegmentJoin join, int index, JoinInput segment)
    {
        using var file = Open(index, segment);
        using var sha256 = SHA256.Create();
        using var hashing = new CryptoStream(file, sha256, CryptoStreamMode.Read);
        int frames;
        try
        {
            frames = join.Append(index, hashing, Path.GetFileName(segment.Path));
        }
        catch (Exception exception) when (exception is FarmException or InvalidDataException)
        {
            throw new SegmentDamagedException(
                index,
                $"{segment.Path} can't be read to its end ({exception.Message.TrimEnd('.')})",
                exception
            );
        }
        var found = Convert.ToHexStringLower(sha256.Hash!);
        if (found != segment.Sha256)
        {
            throw new SegmentDamagedException(
                index,
                $"the SHA-256 of {segment.Path} is {found} instead of {segment.Sha256}"
            );
        }
        if (frames != segment.Frames)
        {
            throw new SegmentDamagedException(
                index,
                $"{segment.Path} has {frames} frames instead of {segment.Frames}"
            );
        }
    }

    private static FileStream Open(int index, JoinInput segment)
    {
        var file = new FileInfo(segment.Path);
        if (!file.Exists)
        {
            throw new SegmentDamagedException(index, $"{segment.Path} is missing");
        }
        if (file.Length != segment.SizeBytes)
        {
            throw new SegmentDamagedException(
                index,
                $"{segment.Path} has {file.Length} bytes instead of {segment.SizeBytes}"
            );
        }
        return new FileStream(
            segment.Path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            bufferSize: 1 << 16,
            FileOptions.SequentialScan
        );
    }
}
