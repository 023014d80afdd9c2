namespace EncodeFarm.Persistence.Tests;

public sealed class SqliteLeaseTests : LeaseSpecification
{
    private readonly TestDirectory _directory = new();

    protected override async Task<Database> OpenAsync() =>
        await SqliteDatabase.OpenAsync(_directory.File("farm.db"), default);

    protected override Task DeleteAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
