using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Pavise.Boundary.HostCalls;

/// <summary>
/// First bytes of a connection to <see cref="BoundaryPorts.HostCallNet"/>: <c>"PVN1"</c>, operation (u8), family (u8: 0 none, 4, 6), port (u16
/// little-endian), address (16 bytes; an IPv4 address in the first four, the rest zero), length of the name (u8), the name in ASCII.
/// </summary>
/// <param name="Operation">What is asked.</param>
/// <param name="Name">resolve: the name. Elsewhere empty.</param>
/// <param name="Family">resolve: 4 or 6. connect: of the address. Elsewhere 0.</param>
/// <param name="Address">connect: where to. Elsewhere null.</param>
/// <param name="Port">connect, listen, accept: TCP port. Elsewhere 0.</param>
public sealed record NetRequest(NetOperation Operation, string Name, byte Family, IPAddress? Address, ushort Port)
{
    private const int FixedBytes = 25;

    private static ReadOnlySpan<byte> Magic => "PVN1"u8;

    /// <summary>Ask for the addresses of a name.</summary>
    public static NetRequest Resolve(string name, byte family) => new(NetOperation.Resolve, name, family, null, 0);

    /// <summary>Ask for a connection.</summary>
    public static NetRequest Connect(IPAddress address, ushort port) => new(NetOperation.Connect, "", NetAddress.FamilyOf(address), address, port);

    /// <summary>Ask to listen; the listener lives as long as the connection.</summary>
    public static NetRequest Listen(ushort port) => new(NetOperation.Listen, "", 0, null, port);

    /// <summary>Ask for the next connection that came to a port.</summary>
    public static NetRequest Accept(ushort port) => new(NetOperation.Accept, "", 0, null, port);

    /// <summary>Ask for the addresses of the pod.</summary>
    public static NetRequest Addresses() => new(NetOperation.Addresses, "", 0, null, 0);

    /// <summary>Writes the request.</summary>
    /// <exception cref="ArgumentException">The request is not well formed; nothing was written.</exception>
    public async Task WriteAsync(Stream stream, CancellationToken cancellation)
    {
        if (Problem() is { } problem)
        {
            throw new ArgumentException(problem);
        }

        byte[] bytes = new byte[FixedBytes + Name.Length];
        Magic.CopyTo(bytes);
        bytes[4] = (byte)Operation;
        bytes[5] = Family;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), Port);
        Address?.TryWriteBytes(bytes.AsSpan(8, NetAddress.Bytes), out _);
        bytes[24] = (byte)Name.Length;
        Encoding.ASCII.GetBytes(Name, bytes.AsSpan(FixedBytes));
        await stream.WriteAsync(bytes, cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>Reads a request and not a byte more.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a request.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside it.</exception>
    public static async Task<NetRequest> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] head = new byte[FixedBytes];
        await stream.ReadExactlyAsync(head, cancellation);
        byte[] name = new byte[head[24]];
        await stream.ReadExactlyAsync(name, cancellation);
        if (!head.AsSpan(0, 4).SequenceEqual(Magic))
        {
            throw new InvalidDataException("the connection does not begin with a network request");
        }

        byte family = head[5];
        NetOperation operation = (NetOperation)head[4];
        IPAddress? address = null;
        if (operation == NetOperation.Connect ? !NetAddress.TryRead(family, head.AsSpan(8, NetAddress.Bytes), out address) : head.AsSpan(8, NetAddress.Bytes).ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException("network request: the address is none");
        }

        NetRequest request = new(operation, Encoding.Latin1.GetString(name), family, address, BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(6)));
        return request.Problem() is { } problem ? throw new InvalidDataException(problem) : request;
    }

    private string? Problem()
    {
        bool named = Operation == NetOperation.Resolve, addressed = Operation == NetOperation.Connect;
        bool ported = Operation is NetOperation.Connect or NetOperation.Listen or NetOperation.Accept;
        return Operation is < NetOperation.Resolve or > NetOperation.Addresses ? "network request: the operation is unknown"
            : named != Name.Length > 0 || (named && !NetAddress.IsName(Name)) ? "network request: the name is none"
            : addressed != (Address is not null) || Family != (addressed ? NetAddress.FamilyOf(Address!) : named && Family is 4 or 6 ? Family : 0) || (named && Family == 0) ? "network request: the family is wrong"
            : ported != Port > 0 ? "network request: the port is wrong"
            : null;
    }
}
