using System.Diagnostics;

namespace EncodeFarm.Actors.Testing;

public static class ActorSystemTesting
{
    /// <summary>
    /// Completes when every mailbox is empty and every actor waits: for a message, or for the end of its back-off. So it says for certain that nothing
    /// more will happen until somebody sends a message or moves the clock. Tasks that run outside of the actors (piped ones) are not seen.
    /// </summary>
    /// <exception cref="TimeoutException">Not within <paramref name="timeout"/> of real time (30 s); the busy actors are named.</exception>
    public static async Task IdleAsync(this ActorSystem system, TimeSpan? timeout = null)
    {
        var limit = timeout ?? TestProbe<object>.Patience;
        var started = Stopwatch.GetTimestamp();
        while (!system.IsQuiet())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
                throw new TimeoutException(
                    $"Still busy: {string.Join(", ", system.Hierarchy().Where(actor => actor.MailboxDepth > 0 || actor.State != ActorState.Running))}"
                );
            await Task.Yield();
        }
    }
}
