using System.Net;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A file from an offset to its end, as the body of a request.</summary>
sealed class UploadContent(
    FileStream file,
    long offset,
    TransferWatch watch,
    TransferOptions options
) : HttpContent
{
    protected override bool TryComputeLength(out long length)
    {
        length = file.Length - offset;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        file.Seek(offset, SeekOrigin.Begin);
        var buffer = new byte[FileCopy.BufferSize];
        int read;
        while ((read = await file.ReadAsync(buffer, cancellationToken)) > 0)
        {
            watch.Expect(options.StallLimit);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        watch.Expect(options.AnswerLimit);
    }
}
