// A farm in small, for tests that kill it: runs one program (path, arguments…) and hands on its lines. SIGTERM stops
// the program gracefully. Exit code 0 when it succeeded, 1 when it failed, 130 when it was stopped.
using System.Runtime.InteropServices;
using EncodeFarm.Media.Tools;

using var stop = new CancellationTokenSource();
using var registration = PosixSignalRegistration.Create(
    PosixSignal.SIGTERM,
    context =>
    {
        context.Cancel = true;
        stop.Cancel();
    }
);
var command = new ToolCommand(args[0], args[1..], WorkKind.Encode)
{
    OnOutputLine = line => Console.Out.WriteLine(line),
    // Tests are about who is asked to end, and a busy machine may need more than the usual 2 s for that.
    StopGrace = TimeSpan.FromMinutes(1),
};
try
{
    await new ToolRunner().RunAsync(command, stop.Token);
    return 0;
}
catch (ToolFailedException)
{
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
