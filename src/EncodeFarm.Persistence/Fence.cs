using System.Data.Common;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence;

/// <summary>Lets a write through only while the coordinator's row has the writer's epoch.</summary>
internal sealed class Fence(Dialect dialect, long epoch)
{
    /// <summary>Begins a statement; `lease` then has one row if the epoch @epoch is the present one, otherwise none.</summary>
    public string With { get; } =
        $"WITH lease AS (SELECT epoch FROM coordinator WHERE epoch = @epoch{dialect.ShareLease})";

    /// <summary>Called where a statement wrote nothing, to find out whether the epoch was the reason.</summary>
    /// <exception cref="FencedException">It was.</exception>
    public async Task CheckAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using var select = connection.Command("SELECT epoch FROM coordinator");
        var present = await select.NumberAsync(cancellation);
        if (present != epoch)
            throw new FencedException(
                $"Epoch {epoch} has ended: another coordinator writes as epoch {present}. Nothing was written."
            );
    }
}
