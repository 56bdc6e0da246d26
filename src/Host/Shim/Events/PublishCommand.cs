using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;
using Pavise.Host.Shim.CommandLine;
using Pavise.Host.Shim.Protos.Events;
using Pavise.Host.Vmm;

namespace Pavise.Host.Shim.Events;

/// <summary>Without a ttrpc address: by <c>containerd publish</c>, which reads the event (google.protobuf.Any) from its standard input.</summary>
internal sealed class PublishCommand(ShimArguments arguments) : IEventForwarder
{
    public async Task ForwardAsync(Envelope envelope, CancellationToken cancellation)
    {
        (SafeSocketHandle ours, SafeSocketHandle theirs) = NativeDescriptors.SocketPair();
        using Socket input = new(ours);
        ChildProcess child;
        using (theirs)
        using (SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite))
        {
            child = await ChildProcess.StartAsync(
                new SpawnRequest(
                    [arguments.PublishBinary, "--address", arguments.Address, "publish", "--topic", envelope.Topic, "--namespace", envelope.Namespace],
                    [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")],
                    new Dictionary<int, SafeHandle> { [0] = theirs, [1] = nothing, [2] = nothing }),
                freshNamespaces: false);
        }

        await input.SendAsync(envelope.Event.ToByteArray(), cancellation);
        input.Shutdown(SocketShutdown.Send);
        int status = await child.Exited.WaitAsync(cancellation);
        if (status != 0)
        {
            throw new IOException($"{arguments.PublishBinary} publish ended with status {status}");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
