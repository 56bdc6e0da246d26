namespace Pavise.Integration.Tests.Support;

/// <summary>QEMU as an untrusted host starts it: with arguments changed, or with more of them. The guest's last words come out of its debug console.</summary>
internal sealed class HostileVmm : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-vmm-");

    /// <param name="added">More arguments, in the shell's quoting.</param>
    /// <param name="from">Text that is replaced in each argument; empty for none.</param>
    /// <param name="to">What stands there instead.</param>
    public HostileVmm(string added = "", string from = "", string to = "")
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute, owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        folder.UnixFileMode = owner | UnixFileMode.OtherExecute; // QEMU runs as somebody else.
        File.WriteAllText(Program, $$"""
            #!/bin/bash
            arguments=("$@")
            {{(from.Length > 0 ? $"arguments=(\"${{@//'{from}'/'{to}'}}\")" : "")}}
            exec /usr/bin/qemu-system-x86_64 "${arguments[@]}" {{added}}

            """);
        File.SetUnixFileMode(Program, owner | (others & ~UnixFileMode.OtherWrite));
        File.WriteAllText(ConsoleFile, "");
        File.SetUnixFileMode(ConsoleFile, owner | others);
    }

    /// <summary>Lines of the host's configuration.</summary>
    public string Configuration => $"[qemu]\npath = \"{Program}\"\ndebug_console = \"{ConsoleFile}\"";

    /// <summary>What the guest said to its console.</summary>
    public string Console => File.ReadAllText(ConsoleFile);

    private string Program => Path.Combine(folder.FullName, "qemu");

    private string ConsoleFile => Path.Combine(folder.FullName, "console");

    public void Dispose() => folder.Delete(recursive: true);
}
