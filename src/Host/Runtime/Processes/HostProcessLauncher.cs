using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Processes;

/// <summary>Starts a <see cref="HostProcess"/> as a process of its own with the caller's standard streams.</summary>
internal static class HostProcessLauncher
{
    public const string Command = "process";

    private const int ReportDescriptor = 3;
    private const int ReportBytes = 4096;
    private const byte Ready = (byte)'+';

    /// <summary>Starts it and waits until its streams are open.</summary>
    /// <returns>Its pid.</returns>
    /// <exception cref="HostException">It could not open them; the message is its own.</exception>
    public static async Task<int> StartAsync(GlobalOptions options, ProcessTarget target, CancellationToken cancellation)
    {
        (SafeSocketHandle ours, SafeSocketHandle theirs) = NativeDescriptors.SocketPair();
        using Socket report = new(ours);
        Dictionary<int, SafeHandle> descriptors = [];
        for (int i = 0; i < ReportDescriptor; i++)
        {
            descriptors[i] = new SafeFileHandle(i, ownsHandle: false);
        }

        descriptors[ReportDescriptor] = theirs;
        List<string> arguments = ["/proc/self/exe", "--root", options.Root, Command, .. target.ToArguments()];
        List<string> environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")];
        int pid = NativeSpawn.Start(new SpawnRequest(arguments, environment, descriptors, NewSession: true));
        theirs.Dispose();
        byte[] answer = new byte[ReportBytes];
        int length = await report.ReceiveAsync(answer.AsMemory(), cancellation);
        if (length > 0 && answer[0] == Ready)
        {
            return pid;
        }

        NativeSpawn.Signal(pid, 9);
        NativeSpawn.Wait(pid);
        throw new HostException(length == 0 ? "the container's host process ended at once" : Encoding.UTF8.GetString(answer, 0, length));
    }

    /// <summary>Runs inside the started process.</summary>
    public static async Task<int> RunAsync(Func<Action, Task<int>> process)
    {
        using Socket report = new(new SafeSocketHandle(ReportDescriptor, ownsHandle: true));
        NativeDescriptors.CloseOnExecFrom(ReportDescriptor);
        try
        {
            return await process(() =>
            {
                report.Send([Ready]);
                report.Close();
            });
        }
        catch (Exception e) when (e is HostException or IOException or Boundary.Ttrpc.TtrpcException or SocketException)
        {
            report.Send(Encoding.UTF8.GetBytes(e.Message));
            return 1;
        }
    }
}
