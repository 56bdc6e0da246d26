using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Shim.Logging;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>
/// The action <c>start</c>: answers with the address of the task's shim. The first task of a group starts it: a process in a session of its own,
/// with the listening socket as descriptor 3 and the bundle's <c>log</c> as standard error.
/// </summary>
internal static class StartAction
{
    /// <summary>Number of the socket's descriptor in the serving process.</summary>
    public const int SocketDescriptor = 3;

    private const int Backlog = 128;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Runs the action.</summary>
    /// <returns>The address, as containerd wants it on standard output.</returns>
    /// <exception cref="HostException">The bundle cannot be read, or the shim not be started.</exception>
    public static string Run(ShimArguments arguments)
    {
        string bundle = Path.GetFullPath(arguments.Bundle.Length > 0 ? arguments.Bundle : ".");
        string path = ShimIdentity.SocketPath(arguments, ShimIdentity.Group(BundleAnnotations.Read(bundle), arguments.Id));
        // Never disposed: that would remove the socket's file. The descriptor goes with this process.
        Socket? listener = Listen(path);
        if (listener is not null)
        {
            try
            {
                Serve(arguments, bundle, listener);
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        }

        AddressFile.Write(bundle, path);
        return AddressFile.Scheme + path;
    }

    /// <summary>A socket at the path; null when a shim serves there already. What a shim that was killed left there is replaced.</summary>
    private static Socket? Listen(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        UnixDomainSocketEndPoint place = new(path);
        for (bool again = true; ; again = false)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(place);
                File.SetUnixFileMode(path, OwnerOnly);
                socket.Listen(Backlog);
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && again)
            {
                socket.Dispose();
                if (Answers(place))
                {
                    return null;
                }

                File.Delete(path);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                throw new HostException($"the shim's socket {path} cannot be made: {e.Message}", e);
            }
        }
    }

    /// <summary>By default the youngest generation may grow to the size of the processor's cache before it is collected; a node has a shim for each pod.</summary>
    private static readonly string[] SmallHeap = ["DOTNET_GCgen0size=200000", "DOTNET_GCgen0MaxBudget=200000"];

    private static bool Answers(UnixDomainSocketEndPoint place)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(place);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Serve(ShimArguments arguments, string bundle, Socket listener)
    {
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using SafeFileHandle log = ShimLog.OpenPipe(bundle) ?? File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        List<string> command =
        [
            Environment.ProcessPath!, "-namespace", arguments.Namespace, "-id", arguments.Id, "-address", arguments.Address, "-publish-binary", arguments.PublishBinary, "-bundle", bundle,
            .. arguments.Debug ? ["-debug"] : Array.Empty<string>(),
        ];
        List<string> environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}"), .. SmallHeap];
        Dictionary<int, SafeHandle> descriptors = new() { [0] = nothing, [1] = nothing, [2] = log, [SocketDescriptor] = listener.SafeHandle };
        NativeDescriptors.CloseOnExecFrom(SocketDescriptor);
        int pid = NativeSpawn.Start(new SpawnRequest(command, environment, descriptors, NewSession: true, WorkingDirectory: "/"));
        OutOfMemoryScore.RaiseAboveOwn(pid);
    }
}
