using System.Runtime.InteropServices;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Control;

public sealed class SystemUptime()
    : AnswerCommand(new CommandDefinition("uptime", "Since when this process runs.", []))
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var up = call.Context.Time.GetUtcNow() - call.Node.StartedAt;
        var since = call.Node.StartedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss");
        return Task.FromResult<IEnumerable<ControlLine>>([
            Line.Of(
                $"up {Words.Time(up)}, since {since} UTC",
                new UptimeRow(call.Node.StartedAt, Math.Round(up.TotalSeconds, 3))
            ),
        ]);
    }
}

public sealed class SystemVersion()
    : AnswerCommand(new CommandDefinition("version", "Versions of this node.", []))
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var row = new VersionRow(
            "EncodeFarm",
            call.Node.Card.ProductVersion,
            JoinCheck.CurrentProtocol,
            RuntimeInformation.FrameworkDescription
        );
        return Task.FromResult<IEnumerable<ControlLine>>([
            Line.Of($"{row.Product} {row.Version}, protocol {row.Protocol}, {row.Runtime}", row),
        ]);
    }
}

public sealed class SystemTools()
    : AnswerCommand(new CommandDefinition("tools", "The external programs of this node.", []))
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var tools = call.Context.Tools;
        var table = new TextTable("tool", "found", "where");
        foreach (var tool in tools)
        {
            table.Add(tool.Name, tool.Found, tool.Path ?? "");
        }
        return Task.FromResult(Line.Table(table, tools));
    }
}

public static class ToolRows
{
    /// <summary>Of ffmpeg's many, those that profiles use.</summary>
    private static readonly string[] Encoders =
    [
        "libsvtav1",
        "libx264",
        "libx265",
        "libvpx-vp9",
        "libopus",
        "aac",
    ];

    public static IReadOnlyList<ToolRow> Of(ToolSet tools) =>
        [
            .. new[] { tools.Ffmpeg, tools.Ffprobe, tools.Mkvmerge, tools.MediaInfo, tools.Vmaf }
                .OfType<Tool>()
                .Select(tool => new ToolRow(tool.Name, tool.Version, tool.Path)),
            .. Encoders.Select(name => new ToolRow(
                name,
                tools.Encoders.Contains(name) ? "yes" : "no",
                null
            )),
            new ToolRow("fingerprint", tools.Fingerprint, null),
        ];
}
