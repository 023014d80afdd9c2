using EncodeFarm.Actors.Kernel;

namespace EncodeFarm.Actors;

/// <summary>No answer came in time; whether the actor got or will get the message is unknown.</summary>
public sealed class AskTimeoutException(string path, Type message, TimeSpan timeout)
    : TimeoutException(
        $"{path} did not answer {message.Name} within {timeout.TotalSeconds:0.###} s."
    );

public static class AskExtensions
{
    /// <summary>Sends a message with an address for the answer, and waits for it.</summary>
    /// <param name="timeout">On the clock of the actor's system.</param>
    /// <exception cref="AskTimeoutException">An answer that comes later is a dead letter.</exception>
    public static async Task<TReply> AskAsync<T, TReply>(
        this IActorRef<T> actor,
        Func<IActorRef<TReply>, T> message,
        TimeSpan timeout,
        CancellationToken ct = default
    )
    {
        var system = (actor as Cell)?.System;
        var answer = new Answer<TReply>(actor.Path, system);
        var question = message(answer);
        actor.Tell(question);
        try
        {
            return await answer.Task.WaitAsync(timeout, system?.Time ?? TimeProvider.System, ct);
        }
        catch (TimeoutException)
        {
            throw new AskTimeoutException(actor.Path, question?.GetType() ?? typeof(T), timeout);
        }
        finally
        {
            answer.Close();
        }
    }

    private sealed class Answer<TReply>(string asked, ActorSystem? system) : IActorRef<TReply>
    {
        private readonly TaskCompletionSource<TReply> source = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task<TReply> Task => source.Task;

        public string Path => $"/ask{asked}";

        public string Name => "ask";

        public void Tell(TReply message)
        {
            if (!source.TrySetResult(message))
                system?.DeadLetter(Path, message!);
        }

        public void Close() => source.TrySetCanceled();
    }
}
