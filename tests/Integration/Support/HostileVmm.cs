namespace Pavise.Integration.Tests.Support;

/// <summary>QEMU as an untrusted host starts it: with arguments changed, or with more of them. The guest's last words come out of its debug console.</summary>
internal sealed class HostileVmm : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pavise-vmm-");

    /// <param name="added">More arguments, in the shell's quoting; <c>MONITOR</c> stands for the arguments of a monitor.</param>
    /// <param name="from">Text that is replaced in each argument; empty for none.</param>
    /// <param name="to">What stands there instead.</param>
    public HostileVmm(string added = "", string from = "", string to = "")
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute, owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        folder.UnixFileMode = owner | UnixFileMode.OtherExecute; // QEMU runs as somebody else.
        Directory.CreateDirectory(Path.GetDirectoryName(Monitor)!).UnixFileMode = owner | others;
        added = added.Replace("MONITOR", $"-chardev socket,id=human,path={Monitor},server=on,wait=off -mon chardev=human,mode=readline", StringComparison.Ordinal);
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

    // QEMU makes it.
    private string Monitor => Path.Combine(folder.FullName, "open", "monitor");

    private string Program => Path.Combine(folder.FullName, "qemu");

    private string ConsoleFile => Path.Combine(folder.FullName, "console");

    /// <summary>A command to QEMU's human monitor, where the added arguments ask for one.</summary>
    public async Task CommandAsync(string command)
    {
        using System.Net.Sockets.Socket socket = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Monitor));
        await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(command + "\n"));
        byte[] answer = new byte[4096];
        string said = "";
        while (said.Split("(qemu)").Length < 3)
        {
            said += System.Text.Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer));
        }
    }

    public void Dispose() => folder.Delete(recursive: true);
}
