using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Tests.Support;
using Pavise.Owner;
using Pavise.Session;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Owner;

/// <summary>The owner's commands against a broker that they made.</summary>
public sealed class OwnerCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-owner-").FullName;

    private string Home => Path.Combine(_folder, "home");

    private string Broker => Path.Combine(_folder, "broker");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_owner_makes_a_broker_puts_a_secret_allows_it_and_the_guest_gets_it()
    {
        string snippet = await DoneAsync("owner", "init", "--name", "alice");
        Assert.Contains("- name: alice", snippet, StringComparison.Ordinal);
        foreach (string key in (string[])["sign.pem", "seal.pem"])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Home, key)));
        }

        string made = await DoneAsync("kb", "init", Broker, "--listen", Free(), "--admin", Free(), "--simulated");
        Assert.Contains("keyBroker: { url: \"https://127.0.0.1:", made, StringComparison.Ordinal);
        await using BrokerHost host = await ServeAsync();
        string policy = Write("policy.json", TestPolicies.Of("redis", 1));
        string secret = Write("secret", "correct horse");
        Assert.Contains("version 1", await DoneAsync("kb", "put", "kbs:///redis/secrets/password", secret), StringComparison.Ordinal);
        Assert.Contains("redis/secrets/password  version 1  13 bytes", await DoneAsync("kb", "list"), StringComparison.Ordinal);
        Assert.Equal("correct horse", await DoneAsync("kb", "get", "redis/secrets/password"));
        await DoneAsync("kb", "allow", "redis/secrets/*", "--policy", policy, "--measurement", SimulatedGuest.GoodMeasurement, "--tee", "sim");

        using BrokerSession session = await AttestAsync(host, TestPolicies.Of("redis", 1));
        Assert.Equal("correct horse", Encoding.UTF8.GetString(await session.GetAsync(ResourceUri.Parse("redis/secrets/password"), TestContext.Current.CancellationToken)));
        Assert.Contains("guest ", await DoneAsync("kb", "status"), StringComparison.Ordinal);
        string audit = await DoneAsync("kb", "audit");
        Assert.All((string[])["put", "read", "allowed", "attested", "released"], k => Assert.Contains($"  {k}  ", audit, StringComparison.Ordinal));
        await DoneAsync("kb", "revoke", "1");
        await DoneAsync("kb", "delete", "redis/secrets/password");
        Assert.Equal("", await DoneAsync("kb", "list"));
    }

    [Fact]
    public async Task The_audit_says_of_each_refusal_which_check_failed_with_both_values_as_text_and_as_JSON()
    {
        await DoneAsync("owner", "init", "--name", "alice");
        await DoneAsync("kb", "init", Broker, "--listen", Free(), "--admin", Free(), "--simulated");
        await using BrokerHost host = await ServeAsync();
        string policy = Write("policy.json", TestPolicies.Of("redis", 1)), zeros = new('0', 96);
        await DoneAsync("kb", "put", "a/b/c", "--random", "16");
        await DoneAsync("kb", "allow", "a/b/c", "--policy", policy, "--measurement", zeros, "--tee", "sim");
        using BrokerSession session = await AttestAsync(host, TestPolicies.Of("redis", 1));
        await Assert.ThrowsAsync<BrokerException>(() => session.GetAsync(ResourceUri.Parse("a/b/c"), TestContext.Current.CancellationToken));
        Assert.Contains($"rule 1: FAILED measurement (failed): expected {zeros}; found {SimulatedGuest.GoodMeasurement}", await DoneAsync("kb", "audit"), StringComparison.Ordinal);
        string json = (await DoneAsync("kb", "audit", "--json")).Split('\n').Single(l => l.Contains("\"refused\"", StringComparison.Ordinal));
        JsonElement check = Assert.Single(AuditText.FailingChecks(JsonDocument.Parse(json).RootElement));
        Assert.Equal(("measurement", zeros, SimulatedGuest.GoodMeasurement), (AuditText.Text(check, "name"), AuditText.Text(check, "expected"), AuditText.Text(check, "found")));
    }

    [Fact]
    public async Task A_signed_policy_verifies_and_is_released_to_and_a_changed_one_is_refused()
    {
        await DoneAsync("owner", "init", "--name", "alice");
        await DoneAsync("kb", "init", Broker, "--listen", Free(), "--admin", Free(), "--simulated");
        await using BrokerHost host = await ServeAsync();
        string policy = Write("policy.json", TestPolicies.Of("redis", 3));
        await DoneAsync("policy", "sign", policy);
        Assert.Contains("verified: redis version 3", await DoneAsync("policy", "verify", policy), StringComparison.Ordinal);
        await DoneAsync("kb", "publish", policy);
        await DoneAsync("kb", "put", "a/b/c", "--random", "16");
        await DoneAsync("kb", "allow", "a/b/c", "--signed-by", "alice", "--name", "redis", "--min-version", "3", "--any-measurement", "--tee", "sim");
        using BrokerSession session = await AttestAsync(host, TestPolicies.Of("redis", 3));
        Assert.Equal(16, (await session.GetAsync(ResourceUri.Parse("a/b/c"), TestContext.Current.CancellationToken)).Length);

        File.WriteAllText(policy, TestPolicies.Of("redis", 4));
        (int code, _, string errors) = await RunAsync("policy", "verify", policy);
        Assert.Equal(1, code);
        Assert.Contains("not verified", errors, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("kb", "publish", policy)).Code);
    }

    [Fact]
    public async Task Keys_with_a_password_open_with_it_only_and_are_never_overwritten()
    {
        string password = Write("password", "open sesame\n"), wrong = Write("wrong", "open barley\n"), policy = Write("policy.json", TestPolicies.Of("redis", 1));
        await DoneAsync("owner", "init", "--password-file", password);
        Assert.Contains("ENCRYPTED", File.ReadAllText(Path.Combine(Home, "sign.pem")), StringComparison.Ordinal);
        Assert.Contains("is encrypted", (await RunAsync("policy", "sign", policy)).Errors, StringComparison.Ordinal);
        Assert.Contains("the password is wrong", (await RunAsync("policy", "sign", policy, "--password-file", wrong)).Errors, StringComparison.Ordinal);
        await DoneAsync("policy", "sign", policy, "--password-file", password);
        string before = File.ReadAllText(Path.Combine(Home, "sign.pem"));
        Assert.Equal(1, (await RunAsync("owner", "init")).Code);
        Assert.Equal(before, File.ReadAllText(Path.Combine(Home, "sign.pem")));
    }

    [Fact]
    public async Task A_database_that_was_put_back_is_seen_by_the_owner()
    {
        await DoneAsync("owner", "init", "--name", "alice");
        await DoneAsync("kb", "init", Broker, "--listen", Free(), "--admin", Free());
        string database = Path.Combine(Broker, "broker.db"), copy = Path.Combine(_folder, "copy.db");
        await using (await ServeAsync())
        {
            await DoneAsync("kb", "put", "a/b/c", "--random", "16");
            Assert.StartsWith("intact: 1 entries", await DoneAsync("kb", "audit", "verify"), StringComparison.Ordinal);
        }

        File.Copy(database, copy);
        await using (await ServeAsync())
        {
            await DoneAsync("kb", "put", "a/b/c", "--random", "16");
            Assert.StartsWith("intact: 2 entries", await DoneAsync("kb", "audit", "verify"), StringComparison.Ordinal);
        }

        SqliteConnection.ClearAllPools();
        File.Copy(copy, database, overwrite: true);
        await using (await ServeAsync())
        {
            Assert.Contains("the database was put back", (await RunAsync("kb", "audit", "verify")).Errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("kb", "allow", "a/b/c")]
    [InlineData("kb", "allow", "a/b/c", "--signed-by", "alice", "--any-measurement", "--tee", "sim")]
    [InlineData("kb", "allow", "a/b/c", "--signed-by", "alice", "--name", "x", "--tee", "sim")]
    [InlineData("kb", "allow", "a/b/c", "--signed-by", "alice", "--name", "x", "--any-measurement")]
    [InlineData("kb", "put", "a/b/c")]
    public async Task What_a_rule_or_secret_needs_must_be_said(params string[] arguments) => Assert.Equal(2, (await RunAsync(arguments)).Code);

    private async Task<BrokerHost> ServeAsync()
    {
        BrokerConfiguration configuration = ConfigurationReader.Read(Broker);
        return await BrokerHost.StartAsync(configuration, MasterKey.Read(configuration.MasterKey), TimeProvider.System, LogLevel.Warning, TestContext.Current.CancellationToken);
    }

    private async Task<BrokerSession> AttestAsync(BrokerHost host, string policy)
    {
        string profile = File.ReadAllText(Path.Combine(Home, "broker.json"));
        string pin = System.Text.Json.JsonDocument.Parse(profile).RootElement.GetProperty("pin").GetString()!;
        BrokerClient client = new(TestBroker.Connector(host.GuestAddress), BrokerEndpoint.Parse($"https://localhost:{host.GuestAddress.Port}", pin));
        return await client.AttestAsync(new SimulatedGuest(policy).Parameters, TestContext.Current.CancellationToken);
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        (int code, string output, string errors) = await RunAsync(arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {errors}");
        return output;
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        StringWriter output = new(), errors = new();
        int code = await CommandLine.RunAsync([.. arguments, "--config", Home], output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Free()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
