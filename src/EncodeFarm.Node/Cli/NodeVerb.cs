using System.CommandLine;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Node.Cli;

public static class NodeVerb
{
    public static Command Create(CliHost host)
    {
        var (config, settings, work, slots, logFormat, verbose) = (
            CommonOptions.Config(),
            CommonOptions.Settings(),
            CommonOptions.Work(),
            CommonOptions.Slots(),
            CommonOptions.LogFormat(),
            CommonOptions.Verbose()
        );
        var name = Option("--name", "name", "Name of this node in the cluster.");
        var roles = Option("--roles", "roles", "coordinator, worker, store; separated by commas.");
        var broker = Option("--broker", "amqp://…", "RabbitMQ, several addresses with commas.");
        var journal = Option("--journal", "connection", "PostgreSQL, for several coordinators.");
        var listen = Option("--listen", "host:port", "HTTP endpoint of this node.");
        var advertise = Option("--advertise", "host:port", "Where other nodes reach it.");
        var token = Option("--token", "secret", "Shared by all nodes and clients.");
        var store = Option("--store", "place", "Where segments lie: a directory or s3://bucket.");
        var labels = Option("--labels", "key=value,…", "What this worker is; jobs may need it.");
        var command = new Command("node", "Run a node of a cluster, in the foreground.")
        {
            config,
            roles,
            name,
            broker,
            journal,
            listen,
            advertise,
            token,
            store,
            labels,
            slots,
            work,
            settings,
            logFormat,
            verbose,
        };
        return command.Does(
            host,
            verbose,
            (parsed, stop) =>
                NodeRun.RunAsync(
                    host,
                    parsed.Load(
                        host,
                        config,
                        settings,
                        (name, "node.name"),
                        (roles, "node.roles"),
                        (broker, "cluster.broker"),
                        (journal, "cluster.journal"),
                        (listen, "node.listen"),
                        (advertise, "node.advertise"),
                        (token, "node.token"),
                        (store, "cluster.store"),
                        (labels, "node.labels"),
                        (slots, "slots"),
                        (work, "work"),
                        (logFormat, "log.format")
                    ),
                    stop
                )
        );
    }

    private static Option<string?> Option(string name, string help, string description) =>
        new(name) { HelpName = help, Description = description };
}
