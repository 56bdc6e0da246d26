using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pavise.Integration.Tests.Support;

/// <summary>What a running pVM on <c>tcg</c> shares with the host, and what it has beside that.</summary>
/// <param name="Visor">Process id of the visor.</param>
/// <param name="Vmm">Process id of QEMU.</param>
/// <param name="Memory">A file with all of the guest's memory, at its guest physical addresses: below 3 GiB a microvm has no hole.</param>
/// <param name="MemoryBytes">Its length.</param>
/// <param name="PoolStart">Where the bounce pool begins in it.</param>
/// <param name="PoolBytes">The pool's length.</param>
internal sealed partial record SharedMemory(int Visor, int Vmm, string Memory, long MemoryBytes, long PoolStart, long PoolBytes)
{
    /// <summary>From what the visor says.</summary>
    public static SharedMemory Of(Node node, string id)
    {
        string folder = Path.Combine(node.State, "sandboxes", id);
        using System.Text.Json.JsonDocument state = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "visor.json")));
        int vmm = state.RootElement.GetProperty("vmmPid").GetInt32();
        Match pool = Pool().Match(File.ReadAllText(Path.Combine(folder, "visor.log")));
        string memory = Directory.EnumerateFiles($"/proc/{vmm}/fd").Single(f => File.ResolveLinkTarget(f, returnFinalTarget: false)?.FullName.StartsWith("/memfd:memory-backend-memfd", StringComparison.Ordinal) == true);
        using FileStream length = new(memory, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new(state.RootElement.GetProperty("pid").GetInt32(), vmm, memory, length.Length,
            long.Parse(pool.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(pool.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>The recorder's file as streams: the payloads of each direction of each connection, one after the other.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Streams(string record)
    {
        const int header = 44; // struct virtio_vsock_hdr: cids at 0 and 8, ports at 16 and 20
        Dictionary<string, MemoryStream> streams = [];
        for (ReadOnlyMemory<byte> rest = File.ReadAllBytes(record); rest.Length > 0;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
            ReadOnlySpan<byte> packet = rest.Span.Slice(sizeof(int), length);
            string name = $"vsock {BinaryPrimitives.ReadUInt64LittleEndian(packet)}:{BinaryPrimitives.ReadUInt32LittleEndian(packet[16..])} to {BinaryPrimitives.ReadUInt64LittleEndian(packet[8..])}:{BinaryPrimitives.ReadUInt32LittleEndian(packet[20..])}";
            streams.TryAdd(name, new MemoryStream());
            streams[name].Write(packet[header..]);
            rest = rest[(sizeof(int) + length)..];
        }

        return streams.Select(s => (s.Key, s.Value.ToArray()));
    }

    [GeneratedRegex("bounce pool, ([0-9]+) bytes at 0x([0-9a-f]+)")]
    private static partial Regex Pool();
}
