using System.Buffers.Binary;

namespace Pavise.Host.Vsock;

/// <summary>
/// Writes every packet that crosses the device, both ways, to a file: a length (u32, little-endian), the packet's header (44 bytes, which names direction and connection)
/// and its payload. For development and tests: it is what the host sees.
/// </summary>
public sealed class PacketRecorder : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;

    /// <summary>Makes the file, for its owner's eyes only.</summary>
    /// <exception cref="IOException">It exists or cannot be made.</exception>
    public PacketRecorder(string path) => _file = new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    /// <summary>Writes one packet.</summary>
    public void Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[sizeof(uint) + header.Length + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(header.Length + payload.Length));
        header.CopyTo(record.AsSpan(sizeof(uint)));
        payload.CopyTo(record.AsSpan(sizeof(uint) + header.Length));
        lock (_lock)
        {
            _file.Write(record);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
