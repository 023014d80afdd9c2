using System.Data.Common;

namespace EncodeFarm.Persistence;

/// <summary>Short forms for ADO.NET.</summary>
internal static class Commands
{
    public static DbCommand Command(
        this DbConnection connection,
        string sql,
        params ReadOnlySpan<(string Name, object Value)> parameters
    )
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Bind(name, value);
        return command;
    }

    public static void Bind(this DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    public static async Task<int> ExecuteAsync(
        this DbConnection connection,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var command = connection.Command(sql);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The first column of the first row as a whole number, or null when there is no row.</summary>
    public static async Task<long?> NumberAsync(
        this DbCommand command,
        CancellationToken cancellation
    ) => await command.ExecuteScalarAsync(cancellation) is long number ? number : null;

    /// <summary>All rows, each turned into a value.</summary>
    public static async Task<List<T>> RowsAsync<T>(
        this DbCommand command,
        Func<DbDataReader, T> row,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(row(reader));
        return rows;
    }
}
