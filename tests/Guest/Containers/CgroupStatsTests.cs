using CsCheck;
using Pavise.Boundary.GuestApi;
using Pavise.Guest.Containers;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Containers;

public sealed class CgroupStatsTests
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["cpu.stat"] = "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\nnr_periods 5\nnr_throttled 2\nthrottled_usec 99\n",
        ["memory.current"] = "50331649\n",
        ["memory.max"] = "max\n",
        ["memory.peak"] = "67108864\n",
        ["memory.stat"] = "anon 100\nfile 200\nkernel 1\n",
        ["memory.events"] = "low 0\noom 1\noom_kill 1\n",
        ["pids.current"] = "3\n",
        ["pids.max"] = "40\n",
    };

    [Fact]
    public void Exact_statistics_are_the_kernels_own()
    {
        ReadStatsResponse stats = Read(StatsDisclosure.Exact);
        Assert.Equal((1234567ul, 2ul, 50331649ul, 0ul), (stats.CpuUsageUs, stats.CpuThrottledPeriods, stats.MemoryBytes, stats.MemoryLimitBytes));
        Assert.Equal((100ul, 200ul, 1ul, 3ul, 40ul), (stats.MemoryAnonBytes, stats.MemoryFileBytes, stats.MemoryOomKills, stats.Pids, stats.PidsLimit));
    }

    [Fact]
    public void Coarse_statistics_are_rounded_down_and_count_nothing()
    {
        ReadStatsResponse stats = Read(StatsDisclosure.Coarse);
        Assert.Equal((1_200_000ul, 50331648ul, 0ul), (stats.CpuUsageUs, stats.MemoryBytes, stats.MemoryAnonBytes));
        Assert.Equal((0ul, 0ul, 0ul), (stats.Pids, stats.MemoryOomKills, stats.CpuThrottledPeriods));
    }

    [Fact]
    public void Without_disclosure_nothing_is_told() => Assert.Equal(new ReadStatsResponse(), Read(StatsDisclosure.None));

    [Fact]
    public void Missing_files_are_zeros() => Assert.Equal(new ReadStatsResponse { Available = true }, CgroupStats.Read(_ => "", StatsDisclosure.Exact));

    [Fact]
    public void Any_text_is_read_without_a_fault() => Gen.String.Sample(text =>
    {
        Assert.All(CgroupStats.ParseFlat(text).Keys, k => Assert.DoesNotContain('\n', k));
        Assert.All(CgroupStats.ParseNumbers(text), n => Assert.True(n > 0));
        CgroupStats.ParseLimit(text);
    });

    [Fact]
    public void What_was_written_flat_is_read_back() => Gen.Dictionary(Gen.Char['a', 'z'].Array[1, 8].Select(c => new string(c)), Gen.ULong)[0, 20].Sample(values =>
        Assert.Equal(values.OrderBy(v => v.Key), CgroupStats.ParseFlat(string.Concat(values.Select(v => $"{v.Key} {v.Value}\n"))).OrderBy(v => v.Key)));

    [Fact]
    public void A_process_name_cannot_carry_control_characters()
    {
        ProcessInfo process = ProcessTable.Parse(7, "Name:\ta\u001b[31m\nPPid:\t1\nUid:\t5\t5\t5\t5\n")!;
        Assert.Equal((7u, 1u, 5u, "a?[31m"), (process.Pid, process.Ppid, process.Uid, process.Command));
    }

    [Fact]
    public void A_status_without_its_fields_is_no_process() => Assert.Null(ProcessTable.Parse(7, "Name:\ta\nPPid:\tx\n"));

    private static ReadStatsResponse Read(StatsDisclosure disclosure) => CgroupStats.Read(f => Files[f], disclosure);
}
