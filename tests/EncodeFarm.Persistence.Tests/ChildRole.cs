namespace EncodeFarm.Persistence.Tests;

/// <summary>What the other process does. It ends when its standard input does, so it never outlives the test.</summary>
internal static class ChildRole
{
    public const string Append = "append";
    public const string Hold = "hold";
    public const string ListAssemblies = "list-assemblies";

    public static async Task<int> PlayAsync(string mode, string directory)
    {
        _ = Task.Run(EndWithParent);
        switch (mode)
        {
            case Append:
                await AppendForeverAsync(directory);
                break;
            case Hold:
                await using (await EmbeddedStore.OpenAsync(directory, TimeProvider.System, default))
                    await SayAndWaitAsync("held");
                break;
            case ListAssemblies:
                await using (await EmbeddedStore.OpenAsync(directory, TimeProvider.System, default))
                    foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
                        Console.WriteLine(assembly.GetName().Name);
                break;
        }
        return 0;
    }

    private static async Task AppendForeverAsync(string directory)
    {
        var store = await EmbeddedStore.OpenAsync(directory, TimeProvider.System, default);
        var padding = new string('x', 3000);
        for (var end = 0L; ; end++)
        {
            await store.Journal.AppendAsync(
                "loop",
                end,
                [new("looped.v1", $"\"{end + 1} {padding}\"")],
                default
            );
            Console.WriteLine(end + 1);
        }
    }

    private static Task SayAndWaitAsync(string word)
    {
        Console.WriteLine(word);
        return new TaskCompletionSource().Task;
    }

    private static void EndWithParent()
    {
        Console.In.ReadToEnd();
        Environment.Exit(0);
    }
}
