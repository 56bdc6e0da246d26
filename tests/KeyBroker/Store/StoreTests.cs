using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Store.Sqlite;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Session.Admin;

namespace Pavise.KeyBroker.Tests.Store;

public sealed class StoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-store-").FullName;
    private readonly byte[] _master = RandomNumberGenerator.GetBytes(32);

    private string File => Path.Combine(_folder, "broker.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_wrong_master_key_opens_nothing_and_changes_nothing()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        await using (SqliteStore store = SqliteStore.Open(File))
        {
            using Vault vault = await Vault.OpenAsync(store, _master);
        }

        byte[] before;
        await using (SqliteStore store = SqliteStore.Open(File))
        {
            before = store.Read(v => v.Setting("data-key"))!;
            BrokerSetupException e = await Assert.ThrowsAsync<BrokerSetupException>(() => Vault.OpenAsync(store, key));
            Assert.Contains("not the one that this database is sealed with", e.Message, StringComparison.Ordinal);
            Assert.Equal(before, store.Read(v => v.Setting("data-key")));
            using Vault right = await Vault.OpenAsync(store, _master);
        }
    }

    [Fact]
    public async Task After_a_rewrap_only_the_new_master_key_opens_and_everything_is_still_there()
    {
        byte[] fresh = RandomNumberGenerator.GetBytes(32);
        await using SqliteStore store = SqliteStore.Open(File);
        byte[] sealedValue;
        using (Vault vault = await Vault.OpenAsync(store, _master))
        {
            sealedValue = vault.Seal("x", "secret"u8);
            await vault.RewrapAsync(store, fresh);
        }

        await Assert.ThrowsAsync<BrokerSetupException>(() => Vault.OpenAsync(store, _master));
        using Vault reopened = await Vault.OpenAsync(store, fresh);
        Assert.Equal("secret"u8.ToArray(), reopened.Open("x", sealedValue));
        Assert.Throws<InvalidDataException>(() => reopened.Open("y", sealedValue));
    }

    [Fact]
    public async Task No_byte_of_a_secret_lies_on_the_disk()
    {
        await using TestBroker broker = await TestBroker.StartAsync(_folder);
        byte[] canary = Encoding.ASCII.GetBytes("canary-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
        await broker.Admin.PutAsync("a/b/c", canary);
        foreach (string file in Directory.EnumerateFiles(_folder).Where(f => f.Contains("broker.db", StringComparison.Ordinal) && !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Assert.True(bytes.AsSpan().IndexOf(canary) < 0, file);
            Assert.True(bytes.AsSpan().IndexOf(canary.AsSpan(7)) < 0, file);
        }
    }

    [Fact]
    public async Task A_second_broker_on_the_same_database_does_not_start()
    {
        await using SqliteStore store = SqliteStore.Open(File);
        Assert.Contains("in use by another broker", Assert.Throws<BrokerSetupException>(() => SqliteStore.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_broker_is_left_alone()
    {
        await SqliteStore.Open(File).DisposeAsync();
        Run("PRAGMA user_version=99");
        Assert.Contains("use a newer broker", Assert.Throws<BrokerSetupException>(() => SqliteStore.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_throws_leaves_nothing_behind_and_its_neighbours_are_kept()
    {
        await using SqliteStore store = SqliteStore.Open(File);
        Task<bool>[] all = [.. Enumerable.Range(0, 50).Select(i => store.ChangeAsync(change =>
        {
            change.SetSetting($"s{i}", [1]);
            return i % 5 != 0 ? true : i % 10 == 0 ? throw new InvalidOperationException("no") : BreakConstraint(change);
        }))];
        await Task.WhenAll(all.Select(t => t.ContinueWith(_ => { }, TaskScheduler.Default)));
        for (int i = 0; i < all.Length; i++)
        {
            Assert.Equal(i % 5 != 0, all[i].IsCompletedSuccessfully);
            Assert.Equal(i % 5 != 0, store.Read(v => v.Setting($"s{i}")) is not null);
        }
    }

    [Theory]
    [InlineData("UPDATE audit SET text = replace(text, '\"n\":3', '\"n\":4') WHERE seq = 3", "the hash of entry 3")]
    [InlineData("DELETE FROM audit WHERE seq = 3", "entries are missing")]
    [InlineData("DELETE FROM audit WHERE seq >= 5", "cut or forged")]
    [InlineData("UPDATE audit SET hash = x'00' WHERE seq = 5", "the hash of entry 5")]
    [InlineData("DELETE FROM setting WHERE name = 'audit-end'", "mark of the end is missing")]
    [InlineData("DELETE FROM audit; DELETE FROM setting WHERE name = 'audit-end'", "5 was seen before")]
    public async Task The_audits_chain_shows_what_was_done_to_it(string damage, string problem)
    {
        await using (SqliteStore store = SqliteStore.Open(File))
        {
            using Vault vault = await Vault.OpenAsync(store, _master);
            AuditLog audit = new(store, vault, TimeProvider.System, NullLogger<AuditLog>.Instance);
            for (int i = 1; i <= 5; i++)
            {
                int n = i;
                await audit.WriteAsync("test", json => json.WriteNumber("n", n));
            }

            Assert.Null(audit.Verify(null).Problem);
        }

        AuditRecord end = default!;
        await WithAuditAsync(audit => end = audit.Verify(null).End!);
        Run(damage);
        await WithAuditAsync(audit => Assert.Contains(problem, audit.Verify(problem.Contains("seen", StringComparison.Ordinal) ? (end.Sequence, end.Hash) : null).Problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_chain_that_somebody_cut_is_not_continued()
    {
        await using (SqliteStore store = SqliteStore.Open(File))
        {
            using Vault vault = await Vault.OpenAsync(store, _master);
            AuditLog audit = new(store, vault, TimeProvider.System, NullLogger<AuditLog>.Instance);
            await audit.WriteAsync("test", _ => { });
            await audit.WriteAsync("test", _ => { });
        }

        Run("DELETE FROM audit WHERE seq = 2");
        await using SqliteStore again = SqliteStore.Open(File);
        using Vault opened = await Vault.OpenAsync(again, _master);
        AuditLog cut = new(again, opened, TimeProvider.System, NullLogger<AuditLog>.Instance);
        await Assert.ThrowsAsync<InvalidDataException>(() => cut.WriteAsync("test", _ => { }));
    }

    private static bool BreakConstraint(Pavise.KeyBroker.Store.IStoreChange change)
    {
        change.AddRelease("p", "s", "k", 1);
        change.AddRelease("p", "s", "k", 1);
        return true;
    }

    private async Task WithAuditAsync(Action<AuditLog> test)
    {
        await using SqliteStore store = SqliteStore.Open(File);
        using Vault vault = await Vault.OpenAsync(store, _master);
        test(new(store, vault, TimeProvider.System, NullLogger<AuditLog>.Instance));
    }

    private void Run(string sql)
    {
        using SqliteConnection connection = new($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
