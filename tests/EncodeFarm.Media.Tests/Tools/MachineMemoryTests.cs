using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class MachineMemoryTests
{
    private const string System = """
        MemTotal:       16000 kB
        MemFree:         1000 kB
        MemAvailable:    9000 kB
        """;

    [Fact]
    public void Without_limits_it_is_the_machine_s() =>
        From(("/proc/meminfo", System), ("/proc/self/cgroup", "0::/user.slice\n"))
            .ShouldBe(new MachineMemory(16000 * 1024, 9000 * 1024));

    [Fact]
    public void Other_systems_have_no_such_files() => From().ShouldBeNull();

    /// <summary>The limit of the group above counts too, and what only caches a file can be taken.</summary>
    [Fact]
    public void The_narrowest_group_of_version_2_counts() =>
        From(
                ("/proc/meminfo", System),
                ("/proc/self/cgroup", "0::/farm/worker\n"),
                ("/sys/fs/cgroup/farm/memory.max", "8192000\n"),
                ("/sys/fs/cgroup/farm/memory.current", "5000000\n"),
                (
                    "/sys/fs/cgroup/farm/memory.stat",
                    "anon 1\ninactive_file 300000\nactive_file 40\n"
                ),
                ("/sys/fs/cgroup/farm/worker/memory.max", "max\n"),
                ("/sys/fs/cgroup/farm/worker/memory.current", "1\n")
            )
            .ShouldBe(new MachineMemory(8192000, 8192000 - 5000000 + 300040));

    [Fact]
    public void A_container_sees_its_own_group_at_the_top() =>
        From(
                ("/proc/meminfo", System),
                ("/proc/self/cgroup", "0::/\n"),
                ("/sys/fs/cgroup/memory.max", "4096000\n"),
                ("/sys/fs/cgroup/memory.current", "96000\n")
            )
            .ShouldBe(new MachineMemory(4096000, 4000000));

    /// <summary>There the path is the host's, and only the topmost directory is the container's.</summary>
    [Fact]
    public void Version_1_has_other_names_and_a_huge_number_for_none() =>
        From(
                ("/proc/meminfo", System),
                ("/proc/self/cgroup", "3:cpu:/docker/1f\n7:memory:/docker/1f\n1:name=systemd:/\n"),
                ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "4096000\n"),
                ("/sys/fs/cgroup/memory/memory.usage_in_bytes", "4000000\n"),
                (
                    "/sys/fs/cgroup/memory/memory.stat",
                    "inactive_file 1\ntotal_inactive_file 900000\ntotal_active_file 1000\n"
                ),
                ("/sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes", "9223372036854771712\n")
            )
            .ShouldBe(new MachineMemory(4096000, 997000));

    /// <summary>Whatever groups there are: nobody gets more than the narrowest of them, nor less than nothing.</summary>
    [Fact]
    public void Every_group_above_counts()
    {
        var random = new Random(3);
        for (var round = 0; round < 2000; round++)
        {
            var files = new Dictionary<string, string> { ["/proc/meminfo"] = System };
            var (path, total, free) = ("", 16000L * 1024, 9000L * 1024);
            for (var depth = random.Next(5); depth >= 0; depth--)
            {
                var (limit, usage) = (
                    random.NextInt64(1, 32_000_000),
                    random.NextInt64(32_000_000)
                );
                if (random.Next(3) > 0)
                {
                    files[$"/sys/fs/cgroup{path}/memory.max"] = $"{limit}\n";
                    files[$"/sys/fs/cgroup{path}/memory.current"] = $"{usage}\n";
                    (total, free) = (
                        Math.Min(total, limit),
                        Math.Min(free, Math.Max(0, limit - usage))
                    );
                }
                path += $"/g{depth}";
            }
            files["/proc/self/cgroup"] = $"0::{path}\n";

            MachineMemory
                .From(file => files.GetValueOrDefault(file))
                .ShouldBe(new MachineMemory(total, free));
        }
    }

    [Fact]
    public void This_machine_has_some()
    {
        var memory = MachineMemory.Read().ShouldNotBeNull();

        memory.Total.ShouldBeGreaterThan(100 << 20);
        (memory.Free is null || (memory.Free > 0 && memory.Free <= memory.Total)).ShouldBeTrue();
    }

    private static MachineMemory? From(params (string Path, string Text)[] files) =>
        MachineMemory.From(path => files.FirstOrDefault(file => file.Path == path).Text);
}
