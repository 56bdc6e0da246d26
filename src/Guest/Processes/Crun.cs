using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Processes;

/// <summary>
/// Has <c>crun</c> start a container or an exec, detached: crun ends once the process runs, and the process becomes a child of PID 1.
/// Its state folders belong to the guest and are removed by it, so no further crun runs when a container is deleted.
/// </summary>
/// <param name="reaper">Who learns of ends.</param>
/// <param name="program">Absolute path of crun.</param>
/// <param name="stateRoot">Where crun keeps one folder per container.</param>
/// <param name="cgroupManager"><c>cgroupfs</c>, or <c>disabled</c> where there is no cgroup v2 hierarchy at all.</param>
internal sealed class Crun(Reaper reaper, string program, string stateRoot, string cgroupManager)
{
    /// <summary>Longest message taken from the launcher's log, so that an error cannot fill a reply.</summary>
    private const int MessageBytes = 1024;

    private static readonly string[] Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"];

    /// <summary>Starts a container whose <c>config.json</c> is in <paramref name="bundle"/>.</summary>
    public Task<TrackedChild> RunAsync(string name, string bundle, Descriptors descriptors, string? consoleSocket) =>
        LaunchAsync(bundle, descriptors, consoleSocket, ["run", "--detach", "--bundle", bundle], [name]);

    /// <summary>Starts a further process; <c>process.json</c> is in <paramref name="folder"/>.</summary>
    public Task<TrackedChild> ExecAsync(string name, string folder, Descriptors descriptors, string? consoleSocket) =>
        LaunchAsync(folder, descriptors, consoleSocket, ["exec", "--detach", "--process", Path.Combine(folder, "process.json")], [name]);

    /// <summary>Removes what crun keeps of a container.</summary>
    public void Forget(string name)
    {
        string folder = Path.Combine(stateRoot, name);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<TrackedChild> LaunchAsync(string folder, Descriptors descriptors, string? consoleSocket, string[] verb, string[] operands)
    {
        string log = Path.Combine(folder, "log");
        string pidFile = Path.Combine(folder, "pid");
        List<string> arguments = [program, "--root", stateRoot, $"--cgroup-manager={cgroupManager}", "--log", log, "--log-format", "text", .. verb, "--pid-file", pidFile];
        if (consoleSocket is not null)
        {
            arguments.AddRange(["--console-socket", consoleSocket]);
        }

        arguments.AddRange(operands);
        using Reaper.LaunchScope scope = reaper.BeginLaunch();
        int status = await reaper.Spawn(arguments, Environment, descriptors.Stdin, descriptors.Stdout, descriptors.Stderr).Ended;
        if (status != 0)
        {
            throw new LaunchException(Message(log, status));
        }

        return scope.Adopt(ReadPid(pidFile));
    }

    private static int ReadPid(string path) =>
        File.Exists(path) && int.TryParse(File.ReadAllText(path).AsSpan().Trim(), out int pid) && pid > 1
            ? pid
            : throw new LaunchException("the process launcher wrote no process id");

    private static string Message(string log, int status)
    {
        byte[] buffer = new byte[MessageBytes];
        int length = 0;
        if (File.Exists(log))
        {
            using FileStream file = File.OpenRead(log);
            length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }

        // Warnings may come first; the last line says why it failed.
        string text = Encoding.UTF8.GetString(buffer, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        return text.Length > 0 ? text : $"the process launcher ended with status {status}";
    }

    /// <summary>What the new process gets as 0, 1 and 2.</summary>
    internal readonly record struct Descriptors(SafeFileHandle Stdin, SafeFileHandle Stdout, SafeFileHandle Stderr);
}
