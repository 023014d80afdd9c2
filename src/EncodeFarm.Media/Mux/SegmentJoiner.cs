using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// Joins IVF segments (AV1, VP9) byte by byte and numbers their frames through. Joining containers instead would
/// round at every seam and drift; here frame n has timestamp n, and the muxer gives it its real one.
/// </summary>
public static class SegmentJoiner
{
    /// <summary>
    /// Checks each segment's length, SHA-256, frame count and settings while it is copied. Nothing is left at
    /// <paramref name="destination"/> when it fails.
    /// </summary>
    /// <param name="segments">In the order of the plan.</param>
    /// <param name="frameRate">Mean rate, for the header; timestamps count frames.</param>
    /// <exception cref="SegmentDamagedException">A segment's file differs from its record, or from its neighbours' settings.</exception>
    /// <exception cref="FarmException">The disk is full.</exception>
    public static Task<JoinedVideo> JoinAsync(
        IReadOnlyList<JoinInput> segments,
        string destination,
        Rational frameRate,
        CancellationToken cancellation
    ) =>
        Task.Run(
            () =>
            {
                try
                {
                    return Join(segments, destination, frameRate, cancellation);
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
        using var join = new Joining(output, frameRate, segments.Sum(segment => segment.Frames));
        for (var index = 0; index < segments.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            join.Append(index, segments[index]);
        }
        output.Flush();
        return join.Finish(destination, segments);
    }

    /// <summary>One join in progress.</summary>
    private sealed class Joining(Stream output, Rational frameRate, int totalFrames) : IDisposable
    {
        private readonly IvfWriter _writer = new(output);
        private readonly IncrementalHash _video = IncrementalHash.CreateHash(
            HashAlgorithmName.SHA256
        );
        private readonly List<UInt128> _hashes = new(totalFrames);
        private readonly ArrayBufferWriter<byte> _stored = new();
        private IvfHeader _header;
        private byte[] _sequenceHeader = [];

        public void Append(int index, JoinInput segment)
        {
            using var file = Open(index, segment);
            using var sha256 = SHA256.Create();
            using var hashing = new CryptoStream(file, sha256, CryptoStreamMode.Read);
            var frames = 0;
            try
            {
                using var reader = new IvfReader(hashing, Path.GetFileName(segment.Path));
                StartOrCompare(index, reader.Header);
                while (reader.TryRead(out var frame))
                {
                    AppendFrame(index, frames++, frame.Payload.Span);
                }
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

        public JoinedVideo Finish(string path, IReadOnlyList<JoinInput> segments) =>
            new(
                path,
                output.Length,
                _hashes.Count,
                Convert.ToHexStringLower(_video.GetHashAndReset()),
                _hashes,
                [.. segments.Select(segment => segment.Frames)]
            );

        public void Dispose() => _video.Dispose();

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

        private void StartOrCompare(int index, IvfHeader header)
        {
            if (index == 0)
            {
                _header = header with
                {
                    RateNumerator = (uint)frameRate.Numerator,
                    RateDenominator = (uint)frameRate.Denominator,
                    Frames = (uint)totalFrames,
                };
                _writer.WriteHeader(_header);
                return;
            }
            if (
                (header.FourCc, header.Width, header.Height)
                != (_header.FourCc, _header.Width, _header.Height)
            )
            {
                throw new SegmentDamagedException(
                    index,
                    $"it is {header.FourCc} of {header.Width}x{header.Height}, and the first one is "
                        + $"{_header.FourCc} of {_header.Width}x{_header.Height}"
                );
            }
        }

        private void AppendFrame(int index, int frame, ReadOnlySpan<byte> payload)
        {
            _stored.ResetWrittenCount();
            if (_header.FourCc == "AV01")
            {
                if (frame == 0)
                {
                    CompareSequenceHeader(index, payload);
                }
                Av1Obus.WriteStored(payload, _stored);
            }
            else
            {
                _stored.Write(payload);
            }
            Span<byte> md5 = stackalloc byte[MD5.HashSizeInBytes];
            MD5.HashData(_stored.WrittenSpan, md5);
            _video.AppendData(_stored.WrittenSpan);
            _writer.WriteFrame((ulong)_hashes.Count, payload);
            _hashes.Add(BinaryPrimitives.ReadUInt128BigEndian(md5));
        }

        /// <summary>Players set up their decoder once; a segment with other settings would show garbage or nothing.</summary>
        private void CompareSequenceHeader(int index, ReadOnlySpan<byte> firstUnit)
        {
            var found = Av1Obus.SequenceHeader(firstUnit);
            if (found.IsEmpty)
            {
                throw new SegmentDamagedException(
                    index,
                    "its first frame has no sequence header, so it isn't a keyframe"
                );
            }
            if (index == 0)
            {
                _sequenceHeader = found.ToArray();
            }
            else if (!found.SequenceEqual(_sequenceHeader))
            {
                throw new SegmentDamagedException(
                    index,
                    "it was encoded with other settings than the first one (their sequence headers differ)"
                );
            }
        }
    }
}
