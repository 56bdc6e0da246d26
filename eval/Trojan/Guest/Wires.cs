using System.Buffers.Binary;
using System.Security.Cryptography;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Guest;

/// <summary>Bytes on the guest's ports that no honest visor sends. The guest must be there afterwards, on another connection, as if nothing were.</summary>
internal static class Wires
{
    private const int FrameHeader = 10;

    public static IEnumerable<Attack> Of(VisorGround ground)
    {
        async Task<bool> AliveAsync()
        {
            for (int i = 0; ; i++)
            {
                try
                {
                    await using GuestClient other = await ground.ConnectAsync();
                    return await Calls.AliveAsync(other);
                }
                catch (Host.HostException) when (i < 20)
                {
                    await Task.Delay(100);
                }
            }
        }

        Func<Task<Observation>> alive = async () => Observation.Of(await AliveAsync(), "another connection is served");
        Attack Raw(string name, string finding, string what, uint port, byte[] bytes, int times = 1) => new(name, finding, what, async () =>
        {
            List<Stream> open = [];
            try
            {
                for (int i = 0; i < times; i++)
                {
                    open.Add(await ground.Sandbox.ConnectGuestAsync(port, CancellationToken.None));
                    await WriteAsync(open[^1], bytes);
                }
            }
            catch (Host.HostException)
            {
                // Nobody listens there, or the queue of connections is full: then the attack is what was done so far.
            }

            try
            {
                return Observation.Of(!await AliveAsync(), $"the guest serves others as before, with {open.Count} such connections");
            }
            finally
            {
                foreach (Stream stream in open)
                {
                    await stream.DisposeAsync();
                }
            }
        }, alive);
        foreach (string method in new[] { "Nothing", "bind", "Bind2", "Debug", "", new string('M', 10_000) })
        {
            yield return new($"wire/method-{(method.Length > 10 ? "long" : method.Length == 0 ? "empty" : method)}", "QM-02", "calls a method that does not exist", () => UnknownAsync(ground, "pavise.guest.v1.Guest", method), alive);
        }

        yield return new("wire/service", "QM-02", "calls a service that does not exist", () => UnknownAsync(ground, "containerd.task.v2.Task", "Exec"), alive);
        yield return Raw("wire/garbage", "QM-02", "sends random bytes on the control port", BoundaryPorts.Control, RandomNumberGenerator.GetBytes(65_536));
        yield return Raw("wire/zeros", "QM-02", "sends zeros on the control port", BoundaryPorts.Control, new byte[65_536]);
        yield return Raw("wire/length-greatest", "QM-08", "announces a message of 4 GiB", BoundaryPorts.Control, Header(uint.MaxValue, 1, 1));
        yield return Raw("wire/length-above", "QM-08", "announces a message one byte above the limit, many times", BoundaryPorts.Control, Header(BoundaryLimits.TtrpcMessageBytes + 1, 1, 1), 64);
        yield return Raw("wire/half-messages", "QM-08", "holds half-sent messages on many connections", BoundaryPorts.Control, [.. Header(BoundaryLimits.TtrpcMessageBytes, 1, 1), .. new byte[64 * 1024]], 64);
        yield return Raw("wire/connections", "QM-28", "opens 300 connections and says nothing", BoundaryPorts.Control, [], 300);
        yield return Raw("wire/even-stream", "QM-02", "uses a stream number that belongs to the server", BoundaryPorts.Control, Header(0, 2, 1));
        yield return Raw("wire/answer", "QM-02", "sends an answer to a request that was never made", BoundaryPorts.Control, Header(0, 1, 2));
        yield return Raw("wire/stream-data", "QM-02", "sends data of a stream that was never opened", BoundaryPorts.Control, Header(0, 1, 3));
        yield return Raw("wire/unknown-type", "QM-02", "sends a message of an unknown type", BoundaryPorts.Control, Header(0, 1, 200));
        yield return Raw("streams/garbage", "QM-11", "sends random bytes on the stream port", BoundaryPorts.Stream, RandomNumberGenerator.GetBytes(4096));
        yield return Raw("streams/long-id", "QM-08", "announces ids of 255 bytes", BoundaryPorts.Stream, [.. "PVS1"u8, 1, 255, 255, .. new byte[510]]);
        yield return Raw("streams/half-header", "QM-08", "sends half a header on many connections", BoundaryPorts.Stream, [.. "PVS1"u8, 1], 64);
        yield return Raw("session/garbage", "CC-19", "sends random bytes on the port of owner sessions", BoundaryPorts.Session, RandomNumberGenerator.GetBytes(4096));
        Func<Task<Observation>> output = async () =>
        {
            await using Stream stream = await ground.Sandbox.OpenStreamAsync(new(StreamKind.Stdout, "one", ""), CancellationToken.None);
            return Observation.Effect("the stream that is the host's opens");
        };
        foreach ((string name, StreamHeader header) in new[] { ("error", new StreamHeader(StreamKind.Stderr, "one", "")), ("input", new StreamHeader(StreamKind.Stdin, "one", "")), ("of-nobody", new StreamHeader(StreamKind.Stdout, "none", "")), ("of-no-exec", new StreamHeader(StreamKind.Stdout, "one", "none")), ("twice", new StreamHeader(StreamKind.Stdout, "one", "")) })
        {
            yield return new($"streams/{name}", "QM-15", $"opens a stream that is not the host's ({name})", async () =>
            {
                await using Stream stream = await ground.Sandbox.OpenStreamAsync(header, CancellationToken.None);
                return Observation.Effect("it opened");
            }, output);
        }
    }

    private static async Task<Observation> UnknownAsync(VisorGround ground, string service, string method)
    {
        await using TtrpcClient client = new(await ground.Sandbox.ConnectGuestAsync(BoundaryPorts.Control, CancellationToken.None));
        await client.CallAsync(service, method, new Empty(), Empty.Parser, TimeSpan.FromSeconds(20), CancellationToken.None);
        return Observation.Effect("it was answered");
    }

    private static async Task WriteAsync(Stream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
            await stream.FlushAsync();
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // The guest closed the connection, or takes no more: both are its right.
        }
    }

    private static byte[] Header(uint length, uint stream, byte type)
    {
        byte[] header = new byte[FrameHeader];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), stream);
        header[8] = type;
        return header;
    }
}
