using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class FrameTableTests
{
    private static readonly Rational Millisecond = new(1, 1000);

    [Fact]
    public void A_saved_table_comes_back_as_it_was()
    {
        using var home = new TestDirectory();
        var table = new FrameTable(
            new Rational(1001, 24000),
            [-5, 0, 7, 1L << 40],
            [0, 2],
            1L << 41
        );

        table.Save(home.File("frames"));
        var loaded = FrameTable.Load(home.File("frames"));

        loaded.TimeBase.ShouldBe(table.TimeBase);
        loaded.Pts.ShouldBe(table.Pts);
        loaded.Keyframes.ShouldBe(table.Keyframes);
        loaded.EndPts.ShouldBe(table.EndPts);
        loaded.Hash.ShouldBe(table.Hash);
        Directory.GetFiles(home.Path).Length.ShouldBe(1);
    }

    [Fact]
    public void A_damaged_table_is_not_loaded()
    {
        using var home = new TestDirectory();
        var path = home.File("frames");
        new FrameTable(
            Millisecond,
            [.. Enumerable.Range(0, 99).Select(i => i * 40L)],
            [0],
            4000
        ).Save(path);
        var bytes = File.ReadAllBytes(path);

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            File.WriteAllBytes(path, bytes);
            Should.Throw<InvalidDataException>(() => FrameTable.Load(path));
            bytes[i] ^= 1;
            File.WriteAllBytes(path, bytes[..i]);
            Should.Throw<InvalidDataException>(() => FrameTable.Load(path));
        }
    }

    [Fact]
    public void Any_difference_changes_the_hash()
    {
        var table = new FrameTable(Millisecond, [0, 40, 80], [0], 120);

        FrameTable[] others =
        [
            table with
            {
                TimeBase = new Rational(1, 1001),
            },
            table with
            {
                Pts = [0, 41, 80],
            },
            table with
            {
                Keyframes = [1],
            },
            table with
            {
                EndPts = 121,
            },
        ];

        others.Select(t => t.Hash).Append(table.Hash).ShouldBeUnique();
    }

    [Fact]
    public void Packets_become_frames_in_display_order()
    {
        var scan = Scan(
            "0,-80,40,900,K_",
            "160,-40,40,300,__",
            "80,0,40,200,__,",
            "",
            "40,40,40,100,__",
            "-40,-120,40,100,_D",
            "120,80,40,0,__",
            "200,120,45,100,K_C"
        );

        var table = FrameTableBuilder.Build(scan, Millisecond).ShouldNotBeNull();

        table.Pts.ShouldBe([0, 40, 80, 160, 200]);
        table.Keyframes.ShouldBe([0, 4]);
        table.EndPts.ShouldBe(245);
        (scan.Packets, scan.Discarded).ShouldBe((7, 1));
    }

    [Fact]
    public void Packets_without_timestamps_give_no_table()
    {
        var scan = Scan("0,0,40,900,K_", "N/A,40,40,100,__");

        FrameTableBuilder.Build(scan, Millisecond).ShouldBeNull();
        scan.WithoutPts.ShouldBe(1);
    }

    [Fact]
    public void Equal_timestamps_are_one_moment()
    {
        var scan = Scan("0,0,N/A,9,K_", "40,40,N/A,9,__", "40,41,N/A,9,K_", "80,80,N/A,9,__");

        var table = FrameTableBuilder.Build(scan, Millisecond).ShouldNotBeNull();

        table.Pts.ShouldBe([0, 40, 80]);
        table.Keyframes.ShouldBe([0, 1]);
        table.EndPts.ShouldBe(120);
    }

    [Fact]
    public void A_long_film_is_read_quickly_and_in_little_memory()
    {
        const int packets = 400_000;
        var lines = Enumerable
            .Range(0, packets)
            .Select(i => $"{i * 16},{i * 16},16,1000,__")
            .ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var scan = Scan(lines);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(packets * 40L);
        scan.Pts.Count.ShouldBe(packets);
    }

    private static PacketScan Scan(params string[] lines)
    {
        var scan = new PacketScan();
        foreach (var line in lines)
        {
            scan.Add(line);
        }
        return scan;
    }
}
