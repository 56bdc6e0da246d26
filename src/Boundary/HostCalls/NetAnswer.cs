using System.Buffers.Binary;
using System.Net;

namespace Pavise.Boundary.HostCalls;

/// <summary>
/// The host's answer to a <see cref="NetRequest"/>: errno (u16 little-endian), and where it is 0 what was asked for: resolve and addresses: seconds of
/// life (u32 little-endian), count (u8), the addresses; accept: the peer's address, its port (u16), the address it came to. An address is a family (u8)
/// and 16 bytes. The form is checked here; whether it may be believed is for the guest's validators.
/// </summary>
/// <param name="Errno">0, or the Linux error number.</param>
/// <param name="Addresses">resolve, addresses: what was found. accept: the peer's address, and the one that it came to. Elsewhere empty.</param>
/// <param name="Seconds">resolve: how long the answer holds.</param>
/// <param name="PeerPort">accept: the peer's port.</param>
public sealed record NetAnswer(int Errno, IReadOnlyList<IPAddress> Addresses, uint Seconds, ushort PeerPort)
{
    private const int AddressBytes = 1 + NetAddress.Bytes;

    /// <summary>An error, or success where nothing follows.</summary>
    public static NetAnswer Of(int errno) => new(errno, [], 0, 0);

    /// <summary>Guest: asks, and reads the answer; not a byte more.</summary>
    /// <exception cref="InvalidDataException">The answer is not well formed.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside the answer.</exception>
    public static async Task<Untrusted<NetAnswer>> AskAsync(Stream stream, NetRequest request, CancellationToken cancellation)
    {
        await request.WriteAsync(stream, cancellation);
        return new Untrusted<NetAnswer>(await ReadAsync(stream, request.Operation, cancellation));
    }

    /// <summary>Visor: answers.</summary>
    /// <exception cref="ArgumentException">More addresses than an answer holds.</exception>
    public async Task WriteAsync(Stream stream, NetOperation operation, CancellationToken cancellation)
    {
        if (Errno is < 0 or > ushort.MaxValue || Addresses.Count > BoundaryLimits.NetAddresses || (operation == NetOperation.Accept && Errno == 0 && Addresses.Count != 2))
        {
            throw new ArgumentException("the answer is outside its limits");
        }

        byte[] bytes = new byte[2 + 5 + (AddressBytes * Addresses.Count)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Errno);
        int at = 2;
        if (Errno == 0 && operation is NetOperation.Resolve or NetOperation.Addresses)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Seconds);
            bytes[at + 4] = (byte)Addresses.Count;
            at += 5;
            foreach (IPAddress address in Addresses)
            {
                Put(address, bytes, ref at);
            }
        }
        else if (Errno == 0 && operation == NetOperation.Accept)
        {
            Put(Addresses[0], bytes, ref at);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), PeerPort);
            at += 2;
            Put(Addresses[1], bytes, ref at);
        }

        await stream.WriteAsync(bytes.AsMemory(0, at), cancellation);
        await stream.FlushAsync(cancellation);
    }

    private static async Task<NetAnswer> ReadAsync(Stream stream, NetOperation operation, CancellationToken cancellation)
    {
        byte[] bytes = new byte[AddressBytes * BoundaryLimits.NetAddresses];
        await stream.ReadExactlyAsync(bytes.AsMemory(0, 2), cancellation);
        int errno = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (errno != 0 || operation is NetOperation.Connect or NetOperation.Listen)
        {
            return Of(errno);
        }

        if (operation == NetOperation.Accept)
        {
            const int length = (2 * AddressBytes) + 2;
            await stream.ReadExactlyAsync(bytes.AsMemory(0, length), cancellation);
            return new(0, [Take(bytes, 0), Take(bytes, AddressBytes + 2)], 0, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(AddressBytes)));
        }

        await stream.ReadExactlyAsync(bytes.AsMemory(0, 5), cancellation);
        uint seconds = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        int count = bytes[4];
        if (count > BoundaryLimits.NetAddresses)
        {
            throw new InvalidDataException($"network answer: more than {BoundaryLimits.NetAddresses} addresses");
        }

        await stream.ReadExactlyAsync(bytes.AsMemory(0, count * AddressBytes), cancellation);
        return new(0, [.. Enumerable.Range(0, count).Select(i => Take(bytes, i * AddressBytes))], seconds, 0);
    }

    private static IPAddress Take(byte[] bytes, int at) => NetAddress.TryRead(bytes[at], bytes.AsSpan(at + 1, NetAddress.Bytes), out IPAddress? address)
        ? address! : throw new InvalidDataException("network answer: an address is none");

    private static void Put(IPAddress address, byte[] bytes, ref int at)
    {
        bytes[at] = NetAddress.FamilyOf(address);
        address.TryWriteBytes(bytes.AsSpan(at + 1, NetAddress.Bytes), out _);
        at += AddressBytes;
    }
}
