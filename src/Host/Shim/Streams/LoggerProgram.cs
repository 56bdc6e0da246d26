using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Vmm;

namespace Pavise.Host.Shim.Streams;

/// <summary>
/// A logging program (<c>binary:///path?argument=value</c>, containerd's runtime/v2/README.md, "Logging"): it gets standard output as descriptor 3,
/// standard error as 4, and closes descriptor 5 when it is ready; container and namespace stand in its environment.
/// </summary>
internal sealed class LoggerProgram
{
    private static readonly TimeSpan ReadyTime = TimeSpan.FromSeconds(10);

    private LoggerProgram(IOutput stdout, IOutput stderr) => (Stdout, Stderr) = (stdout, stderr);

    public IOutput Stdout { get; }

    public IOutput Stderr { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static async Task<LoggerProgram> StartAsync(Uri address, string containerdNamespace, string id, TimeProvider time)
    {
        (SafeSocketHandle stdout, SafeSocketHandle theirStdout) = NativeDescriptors.SocketPair();
        (SafeSocketHandle stderr, SafeSocketHandle theirStderr) = NativeDescriptors.SocketPair();
        (SafeSocketHandle ready, SafeSocketHandle theirReady) = NativeDescriptors.SocketPair();
        using Socket readiness = new(ready);
        using (theirStdout)
        using (theirStderr)
        using (theirReady)
        using (SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite))
        {
            await ChildProcess.StartAsync(
                new SpawnRequest(
                    [address.LocalPath, .. Arguments(address.Query)],
                    [.. ChildEnvironment.Minimal, $"CONTAINER_ID={id}", $"CONTAINER_NAMESPACE={containerdNamespace}"],
                    new Dictionary<int, SafeHandle> { [0] = nothing, [1] = nothing, [2] = nothing, [3] = theirStdout, [4] = theirStderr, [5] = theirReady }),
                freshNamespaces: false);
        }

        try
        {
            using CancellationTokenSource late = new(ReadyTime, time);
            await readiness.ReceiveAsync(new byte[1], late.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"the logging program {address.LocalPath} did not get ready", e);
        }

        return new LoggerProgram(new SocketOutput(stdout), new SocketOutput(stderr));
    }

    /// <summary>Each pair of the query is two arguments; a name without a value is one.</summary>
    internal static IEnumerable<string> Arguments(string query) => query.TrimStart('?')
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(pair => pair.Split('=', 2))
        .Where(word => word.Length > 0)
        .Select(Uri.UnescapeDataString);

    private sealed class SocketOutput(SafeSocketHandle handle) : IOutput
    {
        private readonly Socket socket = new(handle);

        public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            try
            {
                while (bytes.Length > 0)
                {
                    bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The program is gone; the process goes on.
            }
        }

        public void Complete() => socket.Dispose();

        public void Dispose() => socket.Dispose();
    }
}
