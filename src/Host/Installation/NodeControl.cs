using System.Diagnostics;
using System.Net.Sockets;

namespace Pavise.Host.Installation;

/// <summary>The node as it is. Programs run with the node's root as theirs: the installer's container needs none of them.</summary>
internal sealed class NodeControl(HostRoot root) : INodeControl
{
    private static readonly TimeSpan ProgramTime = TimeSpan.FromSeconds(120);

    // RFC 9113, section 3.4: the client's preface, then a SETTINGS frame without settings.
    private static readonly byte[] Hello = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, SettingsFrame, 0, 0, 0, 0, 0];

    private const byte SettingsFrame = 4;
    private const int FrameHeaderBytes = 9;

    public async Task<string?> CheckAsync(string configuration, CancellationToken cancellation)
    {
        (int status, string output) = await RunAsync(["containerd", "--config", configuration, "config", "dump"], cancellation);
        if (status != 0)
        {
            return output.Trim();
        }

        return ContainerdToml.Parse(System.Text.Encoding.UTF8.GetBytes(output), "containerd's dump") is var dump
            && new[] { ConfigurationMerge.PluginOfVersion2, ConfigurationMerge.PluginOfVersion3 }.Any(p => dump.Has("plugins", p, "containerd", "runtimes", RuntimeBlock.Runtime))
            ? null
            : "after its imports the configuration has no runtime of this name: an imported file replaces the CRI plugin's table. Name that file by --config";
    }

    public async Task RestartAsync(string service, CancellationToken cancellation)
    {
        (int status, string output) = await RunAsync(["systemctl", "restart", service], cancellation);
        if (status != 0)
        {
            throw new HostException($"systemctl restart {service} failed with status {status}: {output.Trim()}");
        }
    }

    public async Task<bool> AnswersAsync(string socket, CancellationToken cancellation)
    {
        try
        {
            using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(root.Map(socket)), cancellation);
            await using NetworkStream stream = new(client);
            await stream.WriteAsync(Hello, cancellation);
            byte[] header = new byte[FrameHeaderBytes];
            await stream.ReadExactlyAsync(header, cancellation);
            return header[3] == SettingsFrame;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    public async Task<bool> AddUserAsync(string name, CancellationToken cancellation)
    {
        if ((await RunAsync(["id", "-u", name], cancellation)).Status == 0)
        {
            return false;
        }

        return (await RunAsync(["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name], cancellation)).Status == 0;
    }

    public Task RemoveUserAsync(string name, CancellationToken cancellation) => RunAsync(["userdel", name], cancellation);

    private async Task<(int Status, string Output)> RunAsync(string[] command, CancellationToken cancellation)
    {
        string[] arguments = root.IsOwn ? command : [Environment.ProcessPath!, InNodeRoot.Command, root.Folder, .. command];
        ProcessStartInfo info = new(arguments[0], arguments[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["LC_ALL"] = "C";
        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (InNodeRoot.NotStarted, $"{command[0]}: {e.Message}");
        }

        using (process)
        using (CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            limit.CancelAfter(ProgramTime);
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), error = process.StandardError.ReadToEndAsync(limit.Token);
            try
            {
                await process.WaitForExitAsync(limit.Token);
                return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await error);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                process.Kill(entireProcessTree: true);
                throw new HostException($"{string.Join(' ', command)} did not end within {ProgramTime.TotalSeconds} s");
            }
        }
    }
}
