using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Visor;

/// <summary>Names in a sandbox directory, and sockets there however long the directory's path is (a Unix address holds 107 bytes).</summary>
internal static class SandboxFiles
{
    public const string VisorSocket = "visor.sock";
    public const string VisorState = "visor.json";
    public const string VisorLog = "visor.log";
    public const string VmmLog = "vmm.log";
    public const string Images = "images";

    private const int AddressBytes = 107;
    private const int Backlog = 128;

    /// <summary>Connects to a socket in the directory.</summary>
    public static async Task<Stream> ConnectAsync(string directory, string name, CancellationToken cancellation)
    {
        using Place place = new(directory, name);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(place.Path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Listens on a socket in the directory.</summary>
    public static Socket Listen(string directory, string name)
    {
        using Place place = new(directory, name);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(place.Path));
        socket.Listen(Backlog);
        return socket;
    }

    /// <summary>A path to a name in a directory that fits a Unix address.</summary>
    public sealed class Place : IDisposable
    {
        private readonly SafeFileHandle? _directory;

        public Place(string directory, string name)
        {
            Path = System.IO.Path.Combine(directory, name);
            if (System.Text.Encoding.UTF8.GetByteCount(Path) > AddressBytes)
            {
                _directory = NativeDescriptors.OpenDirectory(directory);
                Path = $"/proc/self/fd/{_directory.DangerousGetHandle()}/{name}";
            }
        }

        /// <summary>The path, as long as this lives.</summary>
        public string Path { get; }

        public void Dispose() => _directory?.Dispose();
    }
}
