using System.Collections.Concurrent;
using System.Text;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Cluster.Tests.Messaging;
using RabbitMQ.Client;

namespace EncodeFarm.Cluster.Tests.Rabbit;

/// <summary>What goes wrong with a broker, short of its end.</summary>
[Collection("broker")]
public sealed class BrokerFaultTests(BrokerServer broker) : IAsyncLifetime
{
    static readonly CancellationToken Forever = CancellationToken.None;
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    /// <summary>For tests that wait for a silent connection to be given up; one that is well must not be.</summary>
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(4);
    readonly string _farm = $"t{Guid.NewGuid():n}";
    readonly ConcurrentQueue<string> _log = new();

    public async ValueTask InitializeAsync() => await broker.RunningAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    Task<RabbitMqTransport> ConnectAsync(
        string name,
        RabbitMqOptions? options = null,
        TimeProvider? time = null
    ) =>
        RabbitMqTransport.ConnectAsync(
            NodeAddress.New(name),
            (options ?? broker.Options) with
            {
                Farm = _farm,
            },
            time ?? TimeProvider.System,
            line => _log.Enqueue(line.Message),
            Forever
        );

    /// <summary>A connection past the transport, as an operator's tool has.</summary>
    async Task<IConnection> OperatorAsync()
    {
        var address = broker.Options.Brokers[0];
        return await new ConnectionFactory
        {
            HostName = address.Host,
            Port = address.Port,
        }.CreateConnectionAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_not_shown()
    {
        var error = await Should.ThrowAsync<ClusterException>(() =>
            ConnectAsync("w", broker.OptionsAs("guest", "%2f"))
        );

        error.Error.ShouldBe(ClusterError.BrokerRefused);
        error.Message.ShouldContain("refuses the user 'guest' or its password");
        error.Message.ShouldNotContain("wrong");
    }

    [Fact]
    public async Task A_virtual_host_that_is_not_there_is_named()
    {
        var right = broker.Options.Brokers[0];
        var error = await Should.ThrowAsync<ClusterException>(() =>
            ConnectAsync("w", new RabbitMqOptions([right with { VirtualHost = "nowhere" }]))
        );

        error.Error.ShouldBe(ClusterError.BrokerRefused);
        error.Message.ShouldContain("virtual host 'nowhere'");
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_named_after_the_limit()
    {
        var nobody = RabbitMqOptions.Parse("amqp://guest:secret@127.0.0.1:1") with
        {
            StartLimit = TimeSpan.FromSeconds(3),
        };

        var time = new ManualTimeProvider();
        var connecting = ConnectAsync("w", nobody, time);
        while (_log.IsEmpty && !connecting.IsCompleted)
        {
            await Task.Delay(10);
        }
        while (!connecting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10);
        }

        var error = await Should.ThrowAsync<ClusterException>(() => connecting);
        error.Error.ShouldBe(ClusterError.BrokerUnreachable);
        error.Message.ShouldContain("No broker answers at 127.0.0.1:1");
        error.Message.ShouldNotContain("secret");
        _log.ShouldHaveSingleItem().ShouldContain("Trying again");
    }

    [Fact]
    public async Task One_of_several_brokers_is_enough()
    {
        var several = broker.Options with
        {
            Brokers =
            [
                RabbitMqOptions.Parse("amqp://127.0.0.1:1").Brokers[0],
                .. broker.Options.Brokers,
            ],
        };

        await using var node = await ConnectAsync("w", several);

        node.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task A_silent_connection_is_given_up_after_two_heartbeats()
    {
        var address = broker.Options.Brokers[0];
        using var relay = new SilentRelay(address.Port);
        var through = broker.Options with
        {
            Brokers = [address with { Port = relay.Port }],
            Heartbeat = Heartbeat,
        };
        await using var coordinator = await ConnectAsync("c");
        await using var node = await ConnectAsync("w", through);
        await coordinator.AnswerAsync(Task.FromResult, 1, Forever);

        relay.Cut();
        await relay.CalledAgain.WaitAsync(Soon, Forever);
        relay.Heal();

        await node.AskAsync(new("question.v1", "1"), Soon, Forever);
        _log.ShouldContain(line => line.Contains("Nothing was heard of the broker for 8 s."));
    }

    [Fact]
    public async Task A_process_that_is_renewed_while_it_connects_is_reached_too()
    {
        var address = broker.Options.Brokers[0];
        using var relay = new SilentRelay(address.Port);
        var through = broker.Options with
        {
            Brokers = [address with { Port = relay.Port }],
            Heartbeat = Heartbeat,
        };
        await using var coordinator = await ConnectAsync("c");
        await using var node = await ConnectAsync("w", through);
        var inbox = new Inbox();
        await node.ListenAsync(inbox.Handle, Forever);
        relay.Cut();
        await relay.CalledAgain.WaitAsync(Soon, Forever);

        node.Renew();
        relay.Heal();

        // It is connected by then.
        await node.PublishResultAsync(new("result.v1", "1"), Forever);
        var heard = new Inbox();
        await coordinator.ListenToSignalsAsync(heard.Handle, Forever);
        await node.SignalAsync(new("hello.v1", "1"), Forever);
        await heard.NextAsync();
        (await coordinator.SendAsync(node.Self, new("command.v1", "1"), Forever)).ShouldBeTrue();
        (await inbox.NextAsync()).Type.ShouldBe("command.v1");
    }

    [Fact]
    public async Task Tls_works_with_the_right_authority_only()
    {
        await using (var node = await ConnectAsync("w", broker.TlsOptions))
        {
            node.IsConnected.ShouldBeTrue();
        }

        var error = await Should.ThrowAsync<ClusterException>(() =>
            ConnectAsync("w", broker.TlsOptions with { Authority = null })
        );
        error.Error.ShouldBe(ClusterError.BrokerRefused);
        error.Message.ShouldContain("No secure connection");
    }

    [Fact]
    public async Task A_queue_of_another_kind_is_told()
    {
        await using var connection = await OperatorAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync($"{_farm}.results", true, false, false);

        var error = await Should.ThrowAsync<ClusterException>(() => ConnectAsync("w"));

        error.Error.ShouldBe(ClusterError.TopologyConflict);
        error.Message.ShouldContain($"{_farm}.results");
        await channel.QueueDeleteAsync($"{_farm}.results");
    }

    [Theory]
    [InlineData("not JSON at all", "result.v1")]
    [InlineData("{\"half\":", "result.v1")]
    [InlineData("{}", null)]
    public async Task What_can_not_be_parsed_is_parked_with_its_reason(string body, string? type)
    {
        await using var node = await ConnectAsync("c");
        await using var connection = await OperatorAsync();
        await using var channel = await connection.CreateChannelAsync();
        var properties = new BasicProperties();
        if (type is not null)
        {
            properties.Type = type;
        }
        await channel.BasicPublishAsync(
            "",
            $"{_farm}.results",
            false,
            properties,
            Encoding.UTF8.GetBytes(body)
        );
        var inbox = new Inbox();
        await node.ConsumeResultsAsync(inbox.Handle, 1, Forever);
        await node.PublishResultAsync(new("fine.v1", "1"), Forever);

        (await inbox.NextAsync()).ShouldBe(new Envelope("fine.v1", "1"));
        var parked = await channel.BasicGetAsync($"{_farm}.parked", autoAck: true);

        parked.ShouldNotBeNull();
        Encoding.UTF8.GetString(parked.Body.Span).ShouldBe(body);
        Header(parked, "farm-queue").ShouldBe($"{_farm}.results");
        Header(parked, "farm-reason").ShouldNotBeEmpty();
        _log.ShouldContain(line => line.Contains($"was put into '{_farm}.parked'"));
    }

    [Fact]
    public async Task What_a_handler_can_not_read_is_parked_too()
    {
        await using var node = await ConnectAsync("c");
        await using var connection = await OperatorAsync();
        await using var channel = await connection.CreateChannelAsync();
        var inbox = new Inbox();
        await node.ConsumeResultsAsync(
            message =>
                message.Type == "future.v9"
                    ? throw new UnreadableMessageException("'future.v9' is not known here.")
                    : inbox.Handle(message),
            1,
            Forever
        );

        await node.PublishResultAsync(new("future.v9", "{}"), Forever);
        await node.PublishResultAsync(new("fine.v1", "1"), Forever);

        await inbox.NextAsync();
        var parked = await channel.BasicGetAsync($"{_farm}.parked", autoAck: true);
        parked!.BasicProperties.Type.ShouldBe("future.v9");
        Header(parked, "farm-reason").ShouldBe("'future.v9' is not known here.");
    }

    /// <summary>It has room for many more, and the broker sees nothing wrong with its connection.</summary>
    [Fact]
    public async Task A_frozen_consumer_is_passed_over_for_one_of_a_higher_rank()
    {
        await using var lost = await ConnectAsync("c1");
        await using var coordinator = await ConnectAsync("c2");
        await using var worker = await ConnectAsync("w");
        var (begun, inbox) = (new Inbox(), new Inbox());
        var thaw = new TaskCompletionSource();
        await lost.ConsumeResultsAsync(
            async message =>
            {
                await begun.Handle(message);
                await thaw.Task;
            },
            1,
            Forever
        );
        await worker.PublishResultAsync(new("result.v1", "0"), Forever);
        await begun.NextAsync();

        await coordinator.ConsumeResultsAsync(inbox.Handle, 2, Forever);
        for (var number = 1; number <= 10; number++)
        {
            await worker.PublishResultAsync(new("result.v1", $"{number}"), Forever);
        }

        (await inbox.NextAsync(10))
            .Select(message => message.Json)
            .ShouldBe(Enumerable.Range(1, 10).Select(number => $"{number}"));
        thaw.SetResult();
    }

    static string Header(BasicGetResult message, string name) =>
        Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers![name]!);

    [Fact]
    public async Task A_queue_that_was_deleted_is_declared_anew_and_the_result_arrives()
    {
        await using var node = await ConnectAsync("w");
        await using var connection = await OperatorAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync($"{_farm}.results");

        await node.PublishResultAsync(new("result.v1", "1"), Forever);

        // Asked for their number, the broker says none where it is too busy to count them.
        var first = await channel.BasicGetAsync($"{_farm}.results", autoAck: true);
        Encoding.UTF8.GetString(first.ShouldNotBeNull().Body.Span).ShouldBe("1");
        (await channel.BasicGetAsync($"{_farm}.results", autoAck: true)).ShouldBeNull();
    }

    [Fact]
    public async Task A_consumer_whose_queue_was_deleted_goes_on_with_the_new_one()
    {
        await using var node = await ConnectAsync("c");
        await using var connection = await OperatorAsync();
        await using var channel = await connection.CreateChannelAsync();
        var inbox = new Inbox();
        await node.ConsumeResultsAsync(inbox.Handle, 1, Forever);
        await channel.QueueDeleteAsync($"{_farm}.results");

        await node.PublishResultAsync(new("result.v1", "1"), Forever);

        (await inbox.NextAsync()).Json.ShouldBe("1");
    }

    [Theory]
    [InlineData("localhost:5672")]
    [InlineData("http://guest:hidden@localhost")]
    [InlineData("")]
    public void An_address_that_is_none_is_refused_without_repeating_it(string address)
    {
        var error = Should.Throw<ClusterException>(() => RabbitMqOptions.Parse(address));

        error.Error.ShouldBe(ClusterError.BadConfiguration);
        error.Message.ShouldContain("amqp://user:password@host:port/vhost");
        error.Message.ShouldNotContain("hidden");
    }

    [Fact]
    public void An_address_is_taken_apart()
    {
        RabbitMqOptions
            .Parse("amqps://us%3Aer:p%40ss@host/farm%2fone, amqp://other:5673")
            .Brokers.ShouldBe([
                new BrokerEndpoint("host", 5671, "us:er", "p@ss", "farm/one", true),
                new BrokerEndpoint("other", 5673, "guest", "guest", "/", false),
            ]);
    }
}
