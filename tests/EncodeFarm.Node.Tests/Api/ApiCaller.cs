using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Tests.Api;

/// <summary>Two nodes of a cluster, and their API.</summary>
public abstract class ApiCaller : IAsyncDisposable
{
    protected ApiFixture Farm { get; } = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Farm.DisposeAsync();
    }

    protected static async Task<FarmApiException> FailsAsync(Func<Task> action) =>
        await Should.ThrowAsync<FarmApiException>(action);
}
