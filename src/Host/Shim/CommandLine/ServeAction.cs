using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Interop;
using Pavise.Host.Shim.Events;
using Pavise.Host.Shim.Logging;
using Pavise.Host.Shim.Sandboxes;
using Pavise.Host.Shim.Service;
using Pavise.Host.Shim.Tasks;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>The shim itself: serves containerd until it is told that it is needed no more, or a signal ends it.</summary>
internal static class ServeAction
{
    private const string TtrpcAddress = "TTRPC_ADDRESS";

    // containerd's own shims give their last events as much.
    private static readonly TimeSpan LastEvents = TimeSpan.FromSeconds(5);

    // containerd asks for the task as soon as it has the address.
    private static readonly TimeSpan FirstTask = TimeSpan.FromSeconds(30);

    // The answer to Shutdown is on its way to a local process.
    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(ShimArguments arguments, TimeProvider time)
    {
        // The first use of the cryptographic library loads it, which takes as long as the rest of a start; containerd's first request is on its way.
        _ = Task.Run(() => SHA256.HashData([]));
        ShimLog log = ShimLog.OfThisProcess(time, arguments.Debug);
        using Socket listener = Listener(arguments);
        NativeDescriptors.CloseOnExecFrom(StartAction.SocketDescriptor);
        await using EventQueue events = new(Forwarder(arguments, time), arguments.Namespace, time, log);
        TaskService tasks = new(new TaskMaker(arguments, Surroundings.Real, log, time), events, log, time);
        TtrpcServer server = new(time, (service, method, e) => log.Error($"{service}/{method}: {e.GetType().Name}: {e.Message}"));
        TaskBinding.Register(server, tasks);
        TaskCompletionSource signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s => Signalled(s, signalled));
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, s => Signalled(s, signalled));
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, s => s.Cancel = true);
        using CancellationTokenSource ending = new();
        Connections connections = new(server, ending.Token);
        Task accepting = connections.AcceptAsync(listener);
        await using ITimer unused = time.CreateTimer(_ => tasks.EndIfUnused(), null, FirstTask, Timeout.InfiniteTimeSpan);
        log.Debug($"serving, pid {Environment.ProcessId}");
        Task idle = new IdleWatch(() => tasks.IsEmpty && connections.Count == 0, time).WaitAsync(ending.Token);
        if (await Task.WhenAny(tasks.Ended, idle, signalled.Task) == signalled.Task)
        {
            log.Info("ended by a signal: the pVMs end too");
            await tasks.StopAllAsync();
        }

        string path = ((UnixDomainSocketEndPoint)listener.LocalEndPoint!).ToString();
        listener.Dispose();
        await accepting;
        File.Delete(path);
        await events.FlushAsync(LastEvents);
        await connections.EndAsync(LastAnswers, time);
        await ending.CancelAsync();
        return 0;
    }

    private static Socket Listener(ShimArguments arguments)
    {
        if (arguments.Socket.Length == 0)
        {
            return new Socket(new SafeSocketHandle(StartAction.SocketDescriptor, ownsHandle: true));
        }

        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(arguments.Socket));
        socket.Listen();
        return socket;
    }

    private static IEventForwarder Forwarder(ShimArguments arguments, TimeProvider time) =>
        Environment.GetEnvironmentVariable(TtrpcAddress) is { Length: > 0 } address ? new TtrpcForwarder(address, time) : new PublishCommand(arguments);

    private static void Signalled(PosixSignalContext context, TaskCompletionSource signalled)
    {
        context.Cancel = true;
        signalled.TrySetResult();
    }
}
