using EncodeFarm.Cluster.Members;
using static EncodeFarm.Cluster.Tests.Members.Nodes;

namespace EncodeFarm.Cluster.Tests.Members;

/// <summary>
/// A few processes, a broker and a coordinator in simulated time: processes start, end, stand still and go on, the broker
/// goes away and comes back, operators interfere, another coordinator takes over. Checks the rules at each step.
/// </summary>
sealed class SimulatedCluster(int seed)
{
    const double Step = 0.1;

    /// <summary>A healthy process beats each second, up to this much late, network included.</summary>
    const double Jitter = 0.3;

    /// <summary>Nodes come back as much later than the broker as it was away, up to this.</summary>
    const double Return = 6;

    /// <summary>Written down anew, so that a mistake in the product's own list is found.</summary>
    public static readonly IReadOnlyDictionary<MemberStatus, MemberStatus[]> Allowed =
        new Dictionary<MemberStatus, MemberStatus[]>
        {
            [MemberStatus.Joining] =
            [
                MemberStatus.Up,
                MemberStatus.Leaving,
                MemberStatus.Down,
                MemberStatus.Removed,
            ],
            [MemberStatus.Up] = [MemberStatus.Leaving, MemberStatus.Down, MemberStatus.Removed],
            [MemberStatus.Leaving] =
            [
                MemberStatus.Exiting,
                MemberStatus.Down,
                MemberStatus.Removed,
            ],
            [MemberStatus.Exiting] = [MemberStatus.Removed, MemberStatus.Down],
            [MemberStatus.Down] = [MemberStatus.Removed],
            [MemberStatus.Removed] = [],
        };

    readonly Random _random = new(seed);
    readonly List<Process> _processes = [];
    readonly Dictionary<NodeAddress, MemberStatus> _status = [];
    Membership _membership = Start();
    double _now;
    double _outageEnds = -1;
    double _return;
    double _calmUntil = 5;
    double _nextEcho;
    double _brokerSteadySince;
    long _epoch = 1;
    bool _byHand;

    public List<string> Broken { get; } = [];
    public List<MemberEvent> Events { get; } = [];
    public int Outages { get; private set; }
    public int Refusals { get; private set; }

    sealed class Process(NodeAddress address, string home)
    {
        public NodeAddress Address = address;
        public readonly string Home = home;
        public bool Alive = true;
        public double StoppedUntil = -1;
        public double HealthySince;
        public double UnheardSince;
        public double NextBeat;
        public double ConnectedAt;
        public bool MustRenew;
    }

    bool BrokerUp => _now > _outageEnds;

    public void Run(int seconds)
    {
        for (var tick = 0; tick < seconds / Step && Broken.Count == 0; tick++)
        {
            _now = tick * Step;
            Disturb();
            Beat();
            Check();
        }
    }

    void Disturb()
    {
        var dice = _random.Next(400);
        var process = _processes.Count > 0 ? _processes[_random.Next(_processes.Count)] : null;
        if (dice < 8 || _processes.Count == 0)
        {
            Launch(process);
        }
        else if (dice < 10)
        {
            process!.Alive = false;
            process.UnheardSince = Math.Max(process.UnheardSince, _now);
        }
        else if (dice < 13 && process!.Alive)
        {
            process.StoppedUntil = _now + (_random.NextDouble() * 30);
        }
        else if (dice < 15 && BrokerUp && _now > _calmUntil)
        {
            // Each outage lasts until its end; the next one leaves time for a few heartbeats.
            var outage = _random.NextDouble() * 30;
            _outageEnds = _now + outage;
            // One that our own heartbeat does not notice is too short for anybody's back-off to have grown.
            _return = outage > 2 ? Math.Min(outage, Return) : 0;
            _calmUntil = _outageEnds + 5 + Return;
            foreach (var each in _processes)
            {
                each.ConnectedAt = _outageEnds + (_random.NextDouble() * _return);
            }
            Outages++;
        }
        else if (dice < 22)
        {
            Interfere(process!.Address);
        }
        else if (dice == 22 && _now > _outageEnds + Return)
        {
            // Not while others still connect: a new coordinator knows nothing of the outage.
            _membership = Membership.Start(
                Nodes.Check,
                new FailureLimits(),
                _membership.Table,
                ++_epoch,
                At(_now)
            );
            _brokerSteadySince = _now;
            // Of who was removed the table says nothing: a new coordinator can't know.
            foreach (var gone in _status.Where(one => one.Value == MemberStatus.Removed).ToList())
            {
                _status.Remove(gone.Key);
            }
        }
    }

    /// <summary>A new node, the same one again after its end, or by mistake one of a name that is in use.</summary>
    void Launch(Process? other)
    {
        if (other is { Alive: false })
        {
            _processes.Remove(other);
            Add(other.Address.Name, other.Home);
        }
        else if (_processes.Count < 5)
        {
            var name =
                _random.Next(6) == 0 && other is not null
                    ? other.Address.Name
                    : $"n{_random.Next(1000)}";
            Add(name, Guid.NewGuid().ToString());
        }
    }

    void Add(string name, string home) =>
        _processes.Add(
            new Process(NodeAddress.New(name), home)
            {
                HealthySince = _now,
                UnheardSince = _now,
                NextBeat = _now,
            }
        );

    void Interfere(NodeAddress address)
    {
        Func<MemberTable, TableChange> wish = _random.Next(7) switch
        {
            0 => table => table.Down(address, "by hand"),
            1 or 2 => table => table.Leave(address),
            3 => table => table.DownUnreachable("by hand"),
            4 => table => table.Drain(address, _random.Next(2) == 0),
            _ => table => table.Move(address, (MemberStatus)_random.Next(6), "by hand"),
        };
        try
        {
            _byHand = true;
            Take(_membership.Change(wish, At(_now)));
        }
        catch (ClusterException error)
        {
            if (error.Error != ClusterError.IllegalTransition)
            {
                Broken.Add(error.Message);
            }
        }
        finally
        {
            _byHand = false;
        }
    }

    void Beat()
    {
        foreach (var process in _processes.Where(p => p.Alive && p.NextBeat <= _now).ToList())
        {
            if (_now < process.StoppedUntil)
            {
                process.HealthySince = process.StoppedUntil;
                continue;
            }
            process.NextBeat = _now + 1 + (_random.NextDouble() * Jitter);
            if (BrokerUp && _now >= process.ConnectedAt)
            {
                Send(process);
            }
        }
        if (_nextEcho <= _now)
        {
            var sent = _now;
            _nextEcho = _now + 1;
            if (BrokerUp)
            {
                Take(_membership.Echo(At(sent), At(_now)));
            }
            else
            {
                _brokerSteadySince = _outageEnds + 2 + _return;
            }
        }
    }

    void Send(Process process)
    {
        if (!_membership.Table.MustJoin(process.Address))
        {
            process.MustRenew = true;
            process.UnheardSince = _now;
            Take(_membership.Hear(process.Address, At(_now)));
            return;
        }
        if (process.MustRenew)
        {
            process.Address = NodeAddress.New(process.Address.Name);
            process.MustRenew = false;
        }
        var answer = _membership.Join(Request(Card(process.Address, process.Home)), At(_now));
        process.UnheardSince = _now;
        process.MustRenew = answer.Refusal is { Advice: JoinAdvice.Renew };
        Refusals += answer.Refusal is { Advice: JoinAdvice.AskAgain } ? 1 : 0;
        Take(new(answer.Next, answer.Events));
    }

    void Take(MembershipStep step)
    {
        _membership = step.Next;
        Events.AddRange(step.Events);
        foreach (var happened in step.Events)
        {
            if (happened is MemberChanged change)
            {
                Follow(change);
            }
            var accused =
                happened is MemberReachability { Unreachable: true }
                || (
                    happened is MemberChanged { To: MemberStatus.Down, Reason: { } reason }
                    && reason.Contains("not heard")
                );
            var process = _processes.Find(p => p.Address == happened.Address);
            if (
                accused
                && !_byHand
                && process is { Alive: true }
                && process.StoppedUntil < _now - 4
                && process.HealthySince < _now - 4
            )
            {
                Broken.Add($"{_now:0.0}: {happened} though its process was well");
            }
        }
    }

    void Follow(MemberChanged change)
    {
        if (_status.TryGetValue(change.Address, out var before))
        {
            if (change.From != before || !Allowed[before].Contains(change.To))
            {
                Broken.Add($"{_now:0.0}: {change} after {before}");
            }
        }
        else if (change is not { From: null, To: MemberStatus.Joining })
        {
            Broken.Add($"{_now:0.0}: {change} of nobody");
        }
        _status[change.Address] = change.To;
    }

    void Check()
    {
        var members = _membership.Table.Members;
        foreach (
            var twice in members
                .Where(m => m.IsAlive)
                .GroupBy(m => m.Address.Name)
                .Where(g => g.Count() > 1)
        )
        {
            Broken.Add($"{_now:0.0}: two living members are called {twice.Key}");
        }
        foreach (var member in members)
        {
            if (_status[member.Address] != member.Status)
            {
                Broken.Add($"{_now:0.0}: {member} was never announced");
            }
            // While the broker is there, who is gone is found in time: 4 s, two heartbeats of our own, a takeover's or a gap's fresh time.
            var process = _processes.Find(p => p.Address == member.Address);
            var silent =
                process is null || !process.Alive || process.StoppedUntil > _now
                    ? _now - Math.Max(process?.UnheardSince ?? _now, _brokerSteadySince)
                    : 0;
            if (BrokerUp && member.IsAlive && !member.Unreachable && silent > 4 + 2.2)
            {
                Broken.Add($"{_now:0.0}: {member} is silent for {silent:0.0} s and nobody noticed");
            }
        }
    }
}
