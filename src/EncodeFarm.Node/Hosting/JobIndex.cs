using System.Text.Json;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Hosting;

/// <summary>The list of jobs in the journal's database.</summary>
public sealed class JobIndex(JobSummaries summaries) : IJobIndex
{
    public async Task<IReadOnlyList<JobEntry>> ListAsync(CancellationToken cancellation) =>
        [
            .. (await summaries.ListAsync(cancellation))
                .Select(summary =>
                    JsonSerializer.Deserialize(summary.Json, FarmJson.Default.JobEntry)
                )
                .OfType<JobEntry>()
                .OrderBy(entry => entry.Order),
        ];

    public Task SaveAsync(JobEntry entry, CancellationToken cancellation) =>
        summaries.SaveAsync(
            entry.Id,
            JsonSerializer.Serialize(entry, FarmJson.Default.JobEntry),
            cancellation
        );
}
