using Pavise.Host.Machines;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Pavise.Host.Configuration;

/// <summary>From TOML text to a configuration, strictly: an unknown key, a second one, a wrong type or a value out of range is an error that names it.</summary>
internal static class ConfigurationReader
{
    private const string QemuTable = "qemu";

    public static HostConfiguration Read(string text, string file)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, file);
        if (document.HasErrors)
        {
            throw new HostException($"{file} is not TOML: {document.Diagnostics.First()}");
        }

        HostConfiguration result = new();
        QemuConfiguration qemu = new();
        HashSet<string> seen = [];
        foreach (KeyValueSyntax pair in document.KeyValues)
        {
            Setting setting = new(pair, "", file, seen);
            result = Apply(result, setting);
        }

        foreach (TableSyntaxBase table in document.Tables)
        {
            if (table is not TableSyntax || table.Name?.ToString().Trim() != QemuTable || !seen.Add($"[{QemuTable}]"))
            {
                throw new HostException($"{file}, line {table.Span.Start.Line + 1}: unknown or second table {table.Name?.ToString().Trim()}");
            }

            foreach (SyntaxNode item in table.Items)
            {
                Setting setting = new((KeyValueSyntax)item, $"{QemuTable}.", file, seen);
                qemu = Apply(qemu, setting);
            }
        }

        return result with { Qemu = qemu };
    }

    private static HostConfiguration Apply(HostConfiguration c, Setting s) => s.Name switch
    {
        "machine" => c with { Machine = Machine(s) },
        "guest" => c with { Guest = s.Path() },
        "policy" => c with { Policy = s.Path() },
        "cache" => c with { Cache = s.Path() },
        "unshielded" => c with { Unshielded = s.Flag() },
        "timeout_seconds" => c with { Timeout = TimeSpan.FromSeconds(s.Number(1, 3600)) },
        _ => throw s.Error("is unknown"),
    };

    private static QemuConfiguration Apply(QemuConfiguration c, Setting s) => s.Name switch
    {
        "qemu.path" => c with { Path = s.Path() },
        "qemu.user" => c with { User = s.Text() is { Length: > 0 and <= 64 } user ? user : throw s.Error("is a user's name") },
        "qemu.memory_mib" => c with { MemoryMib = s.Number(128, 1024 * 1024) },
        "qemu.cpus" => c with { Cpus = s.Number(1, 255) },
        "qemu.firmware" => c with { Firmware = s.OptionalPath() },
        "qemu.debug_console" => c with { DebugConsole = s.OptionalPath() },
        "qemu.vsock_record" => c with { VsockRecord = s.OptionalPath() },
        _ => throw s.Error("is unknown"),
    };

    private static MachineKind? Machine(Setting setting)
    {
        string name = setting.Text();
        if (name == "auto")
        {
            return null;
        }

        foreach (MachineKind kind in Enum.GetValues<MachineKind>())
        {
            if (MachineProbe.Name(kind) == name)
            {
                return kind;
            }
        }

        throw setting.Error("is one of auto, snp, tdx, kvm, tcg, process");
    }
}
