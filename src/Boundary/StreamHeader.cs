using System.Text;
using Pavise.Boundary.GuestApi;

namespace Pavise.Boundary;

/// <summary>
/// First bytes on a connection to the stream port: <c>"PVS1"</c>, kind (u8), length of container id (u8), length of exec id (u8),
/// the ids in UTF-8. The guest answers with a <see cref="StreamAnswer"/>; after an open one the rest of the connection is the stream's
/// bytes, in one direction only.
/// </summary>
/// <param name="Kind">Which stream.</param>
/// <param name="ContainerId">The container's id.</param>
/// <param name="ExecId">The exec's id; empty for the container's first process.</param>
public sealed record StreamHeader(StreamKind Kind, string ContainerId, string ExecId)
{
    /// <summary>Bytes before the ids.</summary>
    public const int FixedBytes = 7;

    /// <summary>Most bytes a header can have.</summary>
    public const int MaximumBytes = FixedBytes + (2 * BoundaryLimits.IdBytes);

    private static ReadOnlySpan<byte> Magic => "PVS1"u8;

    /// <summary>Writes the header into <paramref name="destination"/> (at least <see cref="MaximumBytes"/>) and returns its length in bytes.</summary>
    /// <exception cref="ArgumentException">An id or the kind is outside its limits.</exception>
    public int Encode(Span<byte> destination)
    {
        if (Check(Kind, ContainerId, ExecId) is { } violation)
        {
            throw new ArgumentException($"{violation.Field} {violation.Problem}");
        }

        Magic.CopyTo(destination);
        destination[4] = (byte)Kind;
        destination[5] = (byte)ContainerId.Length;
        destination[6] = (byte)ExecId.Length;
        Encoding.ASCII.GetBytes(ContainerId, destination[FixedBytes..]);
        Encoding.ASCII.GetBytes(ExecId, destination[(FixedBytes + ContainerId.Length)..]);
        return FixedBytes + ContainerId.Length + ExecId.Length;
    }

    /// <summary>Writes the header.</summary>
    /// <exception cref="ArgumentException">An id or the kind is outside its limits; nothing was written.</exception>
    public async Task WriteAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] bytes = new byte[MaximumBytes];
        int length = Encode(bytes);
        await stream.WriteAsync(bytes.AsMemory(0, length), cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>Reads a header and not a byte more.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a header, or an id is outside its limits.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside the header.</exception>
    public static async Task<StreamHeader> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] bytes = new byte[MaximumBytes];
        await stream.ReadExactlyAsync(bytes.AsMemory(0, FixedBytes), cancellation);
        if (!bytes.AsSpan(0, 4).SequenceEqual(Magic))
        {
            throw new InvalidDataException("the connection does not begin with a stream header");
        }

        int container = bytes[5];
        int exec = bytes[6];
        if (container > BoundaryLimits.IdBytes || exec > BoundaryLimits.IdBytes)
        {
            throw new InvalidDataException($"stream header: an id is longer than {BoundaryLimits.IdBytes} bytes");
        }

        await stream.ReadExactlyAsync(bytes.AsMemory(FixedBytes, container + exec), cancellation);
        StreamHeader header = new(
            (StreamKind)bytes[4],
            Encoding.UTF8.GetString(bytes, FixedBytes, container),
            Encoding.UTF8.GetString(bytes, FixedBytes + container, exec));
        return Check(header.Kind, header.ContainerId, header.ExecId) is { } violation
            ? throw new InvalidDataException($"stream header: {violation.Field} {violation.Problem}")
            : header;
    }

    private static FieldViolation? Check(StreamKind kind, string containerId, string execId) =>
        kind > StreamKind.Stderr ? new("kind", "is unknown") : FieldRules.Id("container_id", containerId) ?? FieldRules.OptionalId("exec_id", execId);
}
