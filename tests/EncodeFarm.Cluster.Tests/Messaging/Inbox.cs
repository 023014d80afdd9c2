using System.Threading.Channels;
using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>A handler that keeps what it gets, for tests that wait for it.</summary>
sealed class Inbox
{
    /// <summary>Far above what a loaded machine needs; reached only by a failing test.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Channel<Envelope> _messages = Channel.CreateUnbounded<Envelope>();

    public int Waiting => _messages.Reader.Count;

    public Task Handle(Envelope message)
    {
        _messages.Writer.TryWrite(message);
        return Task.CompletedTask;
    }

    public async Task<Envelope> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        return await _messages.Reader.ReadAsync(limit.Token);
    }

    public async Task<IReadOnlyList<Envelope>> NextAsync(int count)
    {
        var messages = new List<Envelope>();
        while (messages.Count < count)
        {
            messages.Add(await NextAsync());
        }
        return messages;
    }
}
