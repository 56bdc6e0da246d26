using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Shim.Streams;

/// <summary>An end of a pipe behind the runtime's socket class, which waits for any descriptor that can be polled without holding a thread.</summary>
internal static class PipeSocket
{
    /// <summary>Takes the handle over.</summary>
    public static Socket Wrap(SafeFileHandle handle)
    {
        Socket socket = new(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
        return socket;
    }
}
