using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EncodeFarm.Drills.Tests;

/// <summary>A machine of our own: a network namespace with one address.</summary>
/// <param name="Namespace">Its name for <c>ip netns</c>.</param>
/// <param name="Port">Of the bridge, where its cable ends.</param>
public sealed record TestHost(string Namespace, string Port, string Address)
{
    /// <summary>What comes before the words of a command that runs there.</summary>
    public IReadOnlyList<string> Enter => ["nsenter", $"--net=/run/netns/{Namespace}"];
}

/// <summary>
/// Machines within this one: network namespaces on a bridge, whose cables can be pulled. The servers of this machine's
/// loopback are reached through the bridge's address. Everything goes when it is disposed of.
/// </summary>
public sealed class TestNetwork : IAsyncDisposable
{
    readonly string _id = Guid.NewGuid().ToString("n")[..6];
    readonly int _net = 1 + Random.Shared.Next(254);
    readonly Dictionary<string, TestHost> _hosts = [];
    readonly List<TcpListener> _relays = [];
    readonly CancellationTokenSource _end = new();

    TestNetwork() { }

    string Bridge => $"efb{_id}";

    string Address(int host) => string.Create(CultureInfo.InvariantCulture, $"10.77.{_net}.{host}");

    /// <summary>Skips the test where this process may not make one.</summary>
    public static async Task<TestNetwork> MakeAsync()
    {
        Assert.SkipUnless(
            RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Environment.IsPrivilegedProcess,
            "Network namespaces need Linux and root."
        );
        var network = new TestNetwork();
        try
        {
            await RunAsync("ip", "link", "add", network.Bridge, "type", "bridge");
            await RunAsync("ip", "netns", "add", $"efn{network._id}");
            await RunAsync("ip", "netns", "del", $"efn{network._id}");
            await RunAsync(
                "ip",
                "address",
                "add",
                $"{network.Address(254)}/24",
                "dev",
                network.Bridge
            );
            await RunAsync("ip", "link", "set", network.Bridge, "up");
        }
        catch (Exception error)
            when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            await network.DisposeAsync();
            Assert.Skip($"Network namespaces can't be made here: {error.Message}");
        }
        return network;
    }

    /// <summary>The host of this name; a new one is made and connected.</summary>
    public TestHost Host(string name)
    {
        if (_hosts.TryGetValue(name, out var known))
        {
            return known;
        }
        var number = _hosts.Count + 1;
        var host = new TestHost(
            $"ef{_id}-{name}",
            string.Create(CultureInfo.InvariantCulture, $"efv{_id}{number}"),
            Address(number)
        );
        _hosts[name] = host;
        string[][] steps =
        [
            ["netns", "add", host.Namespace],
            ["link", "add", host.Port, "type", "veth", "peer", "eth0", "netns", host.Namespace],
            ["link", "set", host.Port, "master", Bridge, "up"],
            ["-n", host.Namespace, "address", "add", $"{host.Address}/24", "dev", "eth0"],
            ["-n", host.Namespace, "link", "set", "eth0", "up"],
            ["-n", host.Namespace, "link", "set", "lo", "up"],
        ];
        foreach (var step in steps)
        {
            RunAsync("ip", step).GetAwaiter().GetResult();
        }
        return host;
    }

    /// <summary>Pulls its cable: nothing gets through any more, and nobody is told.</summary>
    public Task CutAsync(string name) =>
        RunAsync("ip", "link", "set", _hosts[name].Port, "nomaster");

    public Task HealAsync(string name) =>
        RunAsync("ip", "link", "set", _hosts[name].Port, "master", Bridge);

    /// <summary>Where the hosts reach a server that listens on this machine's loopback.</summary>
    /// <returns>host:port.</returns>
    public (string Host, int Port) Reach(int port)
    {
        var listener = new TcpListener(IPAddress.Parse(Address(254)), 0);
        listener.Start();
        _relays.Add(listener);
        _ = AcceptAsync(listener, port);
        return (Address(254), ((IPEndPoint)listener.LocalEndpoint).Port);
    }

    async Task AcceptAsync(TcpListener listener, int port)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = RelayAsync(await listener.AcceptTcpClientAsync(_end.Token), port);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    /// <summary>Until one side ends, or fails.</summary>
    async Task RelayAsync(TcpClient caller, int port)
    {
        using (caller)
        {
            using var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, port, _end.Token);
                caller.NoDelay = server.NoDelay = true;
                var there = caller.GetStream().CopyToAsync(server.GetStream(), _end.Token);
                var back = server.GetStream().CopyToAsync(caller.GetStream(), _end.Token);
                await await Task.WhenAny(there, back);
            }
            catch (Exception error)
                when (error is IOException or SocketException or OperationCanceledException)
            {
                // The caller sees its connection end.
            }
        }
    }

    static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: {error.Trim()}"
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _relays.ForEach(relay => relay.Dispose());
        foreach (var host in _hosts.Values)
        {
            await RemoveAsync("link", "del", host.Port);
            await RemoveAsync("netns", "del", host.Namespace);
        }
        await RemoveAsync("link", "del", Bridge);
        _end.Dispose();
    }

    static async Task RemoveAsync(params string[] arguments)
    {
        try
        {
            await RunAsync("ip", arguments);
        }
        catch (Exception error)
            when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was never made.
        }
    }
}
