using System.Runtime.InteropServices;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Store.Sqlite;
using Pavise.Session.Admin;

namespace Pavise.KeyBroker;

/// <summary><c>pavise-keybroker serve|rewrap|audit-verify FOLDER</c>.</summary>
internal static class BrokerProgram
{
    private const string Help = """
        pavise-keybroker serve FOLDER                   runs the broker of a folder that `pavise kb init` made
        pavise-keybroker rewrap FOLDER NEW-KEY-FILE     seals the store under another master key; the broker must be stopped
        pavise-keybroker audit-verify FOLDER [SEQ:HASH] checks the audit's chain, its end, and that it still contains an entry seen before
        The master key is read from the folder's file, or from PAVISE_KB_MASTER_KEY (base64). PAVISE_KB_LOG sets the level of the log (Debug shows each audit entry).
        """;

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            switch (arguments)
            {
                case ["serve", string folder]:
                    return await ServeAsync(folder, output);
                case ["rewrap", string folder, string newKey]:
                    return await RewrapAsync(folder, newKey, output);
                case ["audit-verify", string folder]:
                    return await VerifyAsync(folder, null, output);
                case ["audit-verify", string folder, string known] when Known(known) is { } end:
                    return await VerifyAsync(folder, end, output);
                case ["--help" or "-h" or "help"]:
                    output.WriteLine(Help);
                    return 0;
                default:
                    errors.WriteLine(Help);
                    return 2;
            }
        }
        catch (Exception e) when (e is BrokerSetupException or InvalidDataException)
        {
            errors.WriteLine($"error: {e.Message}");
            return 1;
        }
    }

    private static async Task<int> ServeAsync(string folder, TextWriter output)
    {
        BrokerConfiguration configuration = ConfigurationReader.Read(folder);
        byte[] masterKey = MasterKey.Load(configuration.MasterKey);
        LogLevel level = Enum.TryParse(Environment.GetEnvironmentVariable("PAVISE_KB_LOG"), ignoreCase: true, out LogLevel set) ? set : LogLevel.Information;
        await using BrokerHost host = await BrokerHost.StartAsync(configuration, masterKey, TimeProvider.System, level, CancellationToken.None);
        output.WriteLine($"ready: guests on {host.GuestAddress}, administrators on {host.AdminAddress}");
        output.Flush();
        await host.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> RewrapAsync(string folder, string newKey, TextWriter output)
    {
        BrokerConfiguration configuration = ConfigurationReader.Read(folder);
        byte[] fresh = MasterKey.Read(newKey);
        await using SqliteStore store = SqliteStore.Open(configuration.Database);
        using Vault vault = await Vault.OpenAsync(store, MasterKey.Load(configuration.MasterKey));
        await vault.RewrapAsync(store, fresh);
        output.WriteLine($"the store is sealed under the key in {newKey}; put it in the place of {configuration.MasterKey}");
        return 0;
    }

    private static async Task<int> VerifyAsync(string folder, (long, byte[])? known, TextWriter output)
    {
        BrokerConfiguration configuration = ConfigurationReader.Read(folder);
        await using BrokerParts parts = await BrokerParts.OpenAsync(
            configuration, MasterKey.Load(configuration.MasterKey), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        (string? problem, AuditRecord? end) = parts.Audit.Verify(known);
        output.WriteLine(problem is null ? $"intact: {end!.Sequence} entries, head {Convert.ToHexStringLower(end.Hash)}" : $"NOT intact: {problem}");
        return problem is null ? 0 : 1;
    }

    private static (long, byte[])? Known(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], out long sequence) && parts[1].Length == 64 && parts[1].All(char.IsAsciiHexDigit)
            ? (sequence, Convert.FromHexString(parts[1]))
            : null;
    }
}
