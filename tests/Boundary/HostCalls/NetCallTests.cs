using System.Net;
using CsCheck;
using Pavise.Boundary.HostCalls;
using Pavise.Boundary.Tests.Support;

namespace Pavise.Boundary.Tests.HostCalls;

public sealed class NetCallTests
{
    private static readonly Gen<IPAddress> Addresses = Gen.Select(Gen.Byte.Array[16], Gen.Bool, (bytes, old) => new IPAddress(old ? bytes[..4] : bytes)).Where(a => !a.IsIPv4MappedToIPv6);

    private static readonly string[] Names = ["a", "db.example.com", "x-1._tcp.a"];

    private static readonly Gen<NetRequest> Requests = Gen.OneOf(
        Gen.Int[0, 2].Select(Gen.Bool, (name, old) => NetRequest.Resolve(Names[name], old ? (byte)4 : (byte)6)),
        Addresses.Select(Gen.UShort[1, ushort.MaxValue], NetRequest.Connect),
        Gen.UShort[1, ushort.MaxValue].Select(NetRequest.Listen),
        Gen.UShort[1, ushort.MaxValue].Select(NetRequest.Accept),
        Gen.Const(NetRequest.Addresses()));

    [Fact]
    public void Requests_cross_as_they_are() => Requests.Sample(request =>
    {
        using MemoryDuplex written = new([]);
        request.WriteAsync(written, CancellationToken.None).GetAwaiter().GetResult();
        using MemoryDuplex read = new(written.Written.ToArray());
        Assert.Equal(request, NetRequest.ReadAsync(read, CancellationToken.None).GetAwaiter().GetResult());
    });

    [Fact]
    public void Arbitrary_requests_are_one_or_one_of_two_errors() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        if (bytes.Length >= 4)
        {
            "PVN1"u8.CopyTo(bytes);
        }

        using MemoryDuplex stream = new(bytes);
        try
        {
            NetRequest request = NetRequest.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
            Assert.True(request.Operation is >= NetOperation.Resolve and <= NetOperation.Addresses);
        }
        catch (Exception expected) when (expected is InvalidDataException or EndOfStreamException)
        {
            // Malformed, or cut off.
        }
    });

    [Fact]
    public void A_host_that_lies_in_form_gets_one_of_two_errors_and_no_memory() => Gen.Select(Requests, Gen.Byte.Array[0, 300]).Sample((request, bytes) =>
    {
        if (bytes.Length > 2 && bytes[2] % 2 == 0)
        {
            (bytes[0], bytes[1]) = (0, 0);
        }

        using MemoryDuplex stream = new(bytes);
        try
        {
            Untrusted<NetAnswer> answer = NetAnswer.AskAsync(stream, request, CancellationToken.None).GetAwaiter().GetResult();
            Assert.True(answer.Validate(a => a.Errno is >= 0 and <= ushort.MaxValue && a.Addresses.Count <= BoundaryLimits.NetAddresses && a.Addresses.All(x => !x.IsIPv4MappedToIPv6)));
        }
        catch (Exception expected) when (expected is InvalidDataException or EndOfStreamException)
        {
            // Malformed, or cut off.
        }
    }, iter: 100_000);

    [Fact]
    public void Answers_cross_as_they_are() => Gen.Select(Addresses.Array[0, BoundaryLimits.NetAddresses], Gen.UInt, Gen.UShort).Sample((addresses, seconds, port) =>
    {
        Same(NetRequest.Resolve("a.b", 4), new NetAnswer(0, addresses, seconds, 0));
        Same(NetRequest.Connect(IPAddress.Loopback, 1), NetAnswer.Of(111));
        if (addresses.Length == 2)
        {
            Same(NetRequest.Accept(1), new NetAnswer(0, addresses, 0, port));
        }
    });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(NetErrno.Refused, NetErrno.Refused)]
    [InlineData(NetErrno.TimedOut, NetErrno.TimedOut)]
    [InlineData(1, NetErrno.HostUnreachable)]
    [InlineData(4, NetErrno.HostUnreachable)]
    [InlineData(65535, NetErrno.HostUnreachable)]
    public void An_application_hears_only_errors_that_a_connect_has(int told, int heard) => Assert.Equal(heard, NetErrno.Allowed(NetOperation.Connect, told));

    [Fact]
    public void No_error_of_a_lying_host_gets_through() => Gen.Select(Gen.Int[0, 65535], Gen.Enum<NetOperation>()).Sample((errno, operation) =>
        Assert.Equal(errno == 0, NetErrno.Allowed(operation, errno) == 0));

    private static void Same(NetRequest request, NetAnswer answer)
    {
        using MemoryDuplex written = new([]);
        answer.WriteAsync(written, request.Operation, CancellationToken.None).GetAwaiter().GetResult();
        using MemoryDuplex read = new(written.Written.ToArray());
        NetAnswer got = NetAnswer.AskAsync(read, request, CancellationToken.None).GetAwaiter().GetResult().Validate(a => a);
        Assert.Equal((answer.Errno, answer.Seconds, answer.PeerPort), (got.Errno, got.Seconds, got.PeerPort));
        Assert.Equal(answer.Addresses, got.Addresses);
    }
}
