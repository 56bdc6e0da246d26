using System.CommandLine;

namespace Pavise.Owner.Keys;

/// <summary>The owner's folder: keys, the broker that is used, and the audit's ends that were seen. <c>~/.config/pavise</c> unless <c>--config</c> says otherwise.</summary>
internal sealed class OwnerHome(string folder)
{
    public string SignKey => Path.Combine(folder, "sign.pem");

    public string SealKey => Path.Combine(folder, "seal.pem");

    public string Identity => Path.Combine(folder, "owner.json");

    public string Broker => Path.Combine(folder, "broker.json");

    public string AuditEnds => Path.Combine(folder, "audit-ends.json");

    public string Folder => folder;

    public static Option<string?> Option() => new("--config") { Description = "Folder of the owner's keys and settings [~/.config/pavise].", Recursive = true };

    public static OwnerHome Of(ParseResult parsed, Option<string?> option) => new(parsed.GetValue(option) ?? Default());

    /// <summary>Writes a file that only this user can read, whole or not at all.</summary>
    public static void WritePrivate(string file, string text)
    {
        string temporary = $"{file}.{Environment.ProcessId}.new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (StreamWriter writer = new(temporary, options))
        {
            writer.Write(text);
            writer.Flush();
            ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(temporary, file, overwrite: true);
    }

    public static void CreatePrivateFolder(string path) => Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static string Default()
    {
        string? home = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } set ? set
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } user ? Path.Combine(user, ".config") : null;
        return Path.Combine(home ?? throw new OwnerException("neither XDG_CONFIG_HOME nor HOME is set", "say where with --config"), "pavise");
    }
}
