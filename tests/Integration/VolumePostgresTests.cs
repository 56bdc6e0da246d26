using System.Globalization;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>
/// PostgreSQL under pgbench on an encrypted volume, its pVM killed at random times: every transaction that was acknowledged is there, pgbench's sums agree, and pg_amcheck finds
/// nothing. PAVISE_VOLUME_KILLS says how often; eval/Volumes/kills.sh asks for 50.
/// </summary>
public sealed class VolumePostgresTests
{
    private const string Sums = "select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history) and (select sum(bbalance) from pgbench_branches) = (select sum(delta) from pgbench_history) and (select sum(tbalance) from pgbench_tellers) = (select sum(delta) from pgbench_history)";
    private const string Psql = "psql -h /tmp -U postgres -d postgres -qAtX";

    [Fact]
    public async Task Every_acknowledged_transaction_survives_kills_and_the_database_is_whole()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("PAVISE_VOLUME_KILLS") ?? "2", CultureInfo.InvariantCulture);
        (string root, _) = await PostgresImage.BuildAsync(Path.Combine(Tree.Cache, "postgres"));
        await using VolumeNode volume = await VolumeNode.StartAsync("512Mi", application: new(root, ["sh", "-c", PostgresImage.Script], PostgresImage.Path, PostgresImage.Uid, ", { path: /tmp, tmpfs: 16Mi }"));
        Random random = new();
        await ReadyAsync(volume, "pg0");
        (await volume.ShellAsync("pg0", $"{Psql} -c 'create table acked (n bigint primary key)' -c 'create extension amcheck' && pgbench -i -q -s 1 -h /tmp -U postgres postgres")).OrThrow("pgbench -i");
        long last = 0;
        for (int kill = 1; kill <= kills; kill++)
        {
            string id = $"pg{kill - 1}", log = Path.Combine(volume.Node.Folder, $"acked{kill}");
            Task<CommandResult> writing = volume.ShellToFileAsync(id, log, $"pgbench -n -c 2 -T 600 -h /tmp -U postgres postgres >/tmp/bench 2>&1 & seq {last + 1} 100000000 | sed 's/.*/insert into acked values (&) returning n;/' | stdbuf -oL {Psql}");
            await WaitAsync(() => Acknowledged(log) > last, "no transaction was acknowledged", log);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 12_000)));
            await volume.KillAsync(id);
            await writing;
            long acknowledged = Acknowledged(log);
            await ReadyAsync(volume, $"pg{kill}");
            string[] found = (await volume.ShellAsync($"pg{kill}", $"{Psql} -c 'select max(n), count(*) from acked'")).OrThrow("psql").Output.Trim().Split('|');
            last = long.Parse(found[0], CultureInfo.InvariantCulture);
            Assert.True(last >= acknowledged, $"kill {kill}: {acknowledged} was acknowledged, {last} is the last there");
            Assert.Equal(last, long.Parse(found[1], CultureInfo.InvariantCulture));
            Assert.Equal("t\n", (await volume.ShellAsync($"pg{kill}", $"{Psql} -c '{Sums}'")).OrThrow("psql").Output);
            (await volume.ShellAsync($"pg{kill}", "pg_amcheck -h /tmp -U postgres -d postgres")).OrThrow($"kill {kill}: pg_amcheck");
            TestContext.Current.TestOutputHelper?.WriteLine($"kill {kill}: {acknowledged} acknowledged, {last} there");
        }
    }

    private static async Task ReadyAsync(VolumeNode volume, string id)
    {
        CommandResult run = (await volume.RunAsync(id)).OrThrow("run");
        await WaitAsync(() => volume.ShellAsync(id, "pg_isready -q -h /tmp").GetAwaiter().GetResult().ExitCode == 0, "PostgreSQL did not answer", Path.Combine(volume.Node.Folder, $"{id}.log"));
        Assert.Equal(0, run.ExitCode);
    }

    private static async Task WaitAsync(Func<bool> ready, string otherwise, string log)
    {
        for (int i = 0; i < 300; i++)
        {
            if (ready())
            {
                return;
            }

            await Task.Delay(500);
        }

        Assert.Fail($"{otherwise}: {(File.Exists(log) ? await File.ReadAllTextAsync(log) : "no output")}");
    }

    private static long Acknowledged(string log) => File.Exists(log)
        ? File.ReadAllText(log) is var text && text.LastIndexOf('\n') is >= 0 and var end ? text[..end].Split('\n').Select(l => long.TryParse(l, out long n) ? n : 0).DefaultIfEmpty(0).Max() : 0
        : 0;
}
