using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm;

/// <summary>Gives a finished, validated file its place: a name in a directory, or an object in a bucket; whole or not at all.</summary>
sealed class OutputDelivery(S3Outputs outputs)
{
    /// <exception cref="MuxedFileGoneException">There is no finished file any more, or it is damaged.</exception>
    /// <exception cref="FarmException">BadOutput: the place does not take it; what is said tells where the finished file lies.</exception>
    public async Task DeliverAsync(Delivering file, bool overwrite, CancellationToken cancellation)
    {
        if (S3Address.Is(file.Destination))
        {
            await UploadAsync(file, S3Address.Parse(file.Destination), overwrite, cancellation);
            return;
        }
        try
        {
            await Delivery.CommitAsync(
                file.Temporary,
                file.Destination,
                file.Sha256,
                overwrite,
                cancellation
            );
        }
        catch (FarmException gone) when (gone.Error == FarmError.Invalid)
        {
            throw new MuxedFileGoneException(gone.Message);
        }
    }

    async Task UploadAsync(
        Delivering file,
        S3Address address,
        bool overwrite,
        CancellationToken cancellation
    )
    {
        var (length, sha256) = (file.SizeBytes, file.Sha256);
        try
        {
            if (!await outputs.HoldsAsync(address, length, sha256, cancellation))
            {
                var finished = new StoredArtifact(address.Key, length, sha256);
                if (!await ContentHash.FitsAsync(finished, file.Temporary, cancellation))
                {
                    throw new MuxedFileGoneException(
                        $"The finished file {file.Temporary} is gone or damaged before it could be delivered."
                    );
                }
                await outputs.PutAsync(
                    address,
                    file.Temporary,
                    length,
                    sha256,
                    overwrite,
                    cancellation
                );
            }
        }
        catch (BucketRefusedException refused)
        {
            throw new FarmException(
                FarmError.BadOutput,
                $"{file.Destination} can't be written: {refused.Message}",
                $"The finished file is {file.Temporary}.",
                refused
            );
        }
        File.Delete(file.Temporary);
    }
}
