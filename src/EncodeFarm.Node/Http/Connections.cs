using Microsoft.AspNetCore.Connections;

namespace EncodeFarm.Node.Http;

/// <summary>
/// Keeps room for those who ask. Where too many connections are open, the one that has asked for nothing for the longest
/// time makes way for the next: whoever opens thousands and says nothing, or says it slowly, shuts nobody out.
/// </summary>
/// <param name="most">Open at the same time. More than are ever busy at once, or callers are turned away.</param>
public sealed class Connections(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Guest> _guests = [];

    /// <summary>Those without a request, the one that waits longest first.</summary>
    private readonly LinkedList<Guest> _idle = new();

    /// <summary>Serves a connection until its end.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (Enter(connection) is not { } guest)
        {
            connection.Abort(new ConnectionAbortedException("All connections are busy."));
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            lock (_gate)
            {
                Remove(guest);
            }
        }
    }

    /// <summary>A request of a connection; it ends when it is disposed of.</summary>
    public IDisposable Request(string connection)
    {
        lock (_gate)
        {
            var guest = _guests.GetValueOrDefault(connection);
            if (guest is not null && guest.Requests++ == 0)
            {
                _idle.Remove(guest.Place);
            }
            return new Ending(this, guest);
        }
    }

    private Guest? Enter(ConnectionContext connection)
    {
        Guest? leaver = null;
        var guest = new Guest(connection);
        lock (_gate)
        {
            if (_guests.Count >= most)
            {
                leaver = _idle.First?.Value;
                if (leaver is null)
                {
                    return null;
                }
                Remove(leaver);
            }
            _guests.Add(connection.ConnectionId, guest);
            _idle.AddLast(guest.Place);
        }
        leaver?.Connection.Abort(
            new ConnectionAbortedException("Another connection needs the place.")
        );
        return guest;
    }

    private void Remove(Guest guest)
    {
        if (_guests.Remove(guest.Connection.ConnectionId) && guest.Requests == 0)
        {
            _idle.Remove(guest.Place);
        }
    }

    private void End(Guest guest)
    {
        lock (_gate)
        {
            if (--guest.Requests == 0 && _guests.ContainsKey(guest.Connection.ConnectionId))
            {
                _idle.AddLast(guest.Place);
            }
        }
    }

    private sealed class Guest
    {
        public Guest(ConnectionContext connection)
        {
            Connection = connection;
            Place = new LinkedListNode<Guest>(this);
        }

        public ConnectionContext Connection { get; }

        public LinkedListNode<Guest> Place { get; }

        /// <summary>That are being answered.</summary>
        public int Requests { get; set; }
    }

    private sealed class Ending(Connections connections, Guest? guest) : IDisposable
    {
        public void Dispose()
        {
            if (guest is not null)
            {
                connections.End(guest);
            }
        }
    }
}
