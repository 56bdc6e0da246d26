using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Runtime.Processes;

/// <summary>
/// The host's end of a process's terminal. The line discipline that counts is in the guest; here bytes pass unchanged, and the size is
/// watched. Either a new pseudo terminal whose master an engine gets, or the caller's own terminal.
/// </summary>
internal sealed class ProcessConsole : IDisposable
{
    private readonly SafeFileHandle slave;
    private readonly byte[]? formerMode;

    private ProcessConsole(SafeFileHandle slave, byte[]? formerMode) => (this.slave, this.formerMode) = (slave, formerMode);

    public Stream Input => new FileStream(new SafeFileHandle(slave.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, 1);

    public Stream Output => new FileStream(new SafeFileHandle(slave.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, 1);

    public (ushort Columns, ushort Rows) Size => NativeTerminals.Size(slave);

    /// <summary>A new pseudo terminal; the master goes to the engine's socket, as runc does it (docs/terminals.md of runc): name and SCM_RIGHTS.</summary>
    public static ProcessConsole ForEngine(string socketPath)
    {
        (SafeFileHandle master, SafeFileHandle slave) = NativeTerminals.Open();
        using (master)
        {
            NativeTerminals.MakeRaw(slave);
            NativeTerminals.TryControl(slave);
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            }
            catch (SocketException e)
            {
                throw new HostException($"the console socket {socketPath} cannot be reached: {e.Message}", e);
            }

            NativeDescriptors.Send(socket.SafeHandle, "/dev/ptmx"u8, master);
        }

        return new ProcessConsole(slave, null);
    }

    /// <summary>The terminal on standard input, put into raw mode until disposed.</summary>
    public static ProcessConsole ForCaller()
    {
        SafeFileHandle terminal = new(0, ownsHandle: false);
        return new ProcessConsole(terminal, NativeTerminals.MakeRaw(terminal));
    }

    public void Dispose()
    {
        if (formerMode is not null)
        {
            NativeTerminals.Restore(slave, formerMode);
        }

        slave.Dispose();
    }
}
