using System.Net;
using System.Net.Sockets;
using CsCheck;
using Pavise.Boundary.HostCalls;
using Pavise.Guest.Network;
using Pavise.Policy.Model;

namespace Pavise.Guest.Tests.Network;

/// <summary>A host that lies in what it says, in the right form.</summary>
public sealed class ValidatorTests
{
    private static readonly NetworkEntry Peers = new([], [new EgressEntry("10.9.9.9", 1, false, "", false) { Range = IPNetwork.Parse("10.9.9.9/32") }, new EgressEntry("name.test", 1, false, "", false)]);

    private static readonly PodAddresses Own = new([IPAddress.Parse("10.0.0.2"), IPAddress.Parse("fd00::2")]);

    private static readonly IPAddress[] Odd =
        [.. new[] { "127.0.0.1", "0.0.0.0", "::", "::1", "10.0.0.2", "fd00::2", "224.0.0.1", "255.255.255.255", "169.254.169.254", "fe80::1", "ff02::1", "10.9.9.9", "10.0.0.3" }.Select(IPAddress.Parse)];

    private static readonly Gen<IPAddress> Addresses = Gen.OneOf(
        Gen.Select(Gen.Byte.Array[16], Gen.Bool, (bytes, old) => new IPAddress(old ? bytes[..4] : bytes)).Where(a => !a.IsIPv4MappedToIPv6),
        Gen.Int[0, Odd.Length - 1].Select(i => Odd[i]));

    private static readonly Gen<NetAnswer> Answers = Gen.Select(Gen.OneOf(Gen.Const(0), Gen.Int[0, 65535]), Addresses.Array[0, 16], Gen.UInt, Gen.UShort, (errno, addresses, seconds, port) => new NetAnswer(errno, addresses, seconds, port));

    [Fact]
    public void No_peer_is_the_application_itself() => Answers.Sample(answer =>
    {
        if (PeerAddress.Validate(answer, Own) is not { } peer)
        {
            return;
        }

        Assert.Equal(0, answer.Errno);
        Assert.True(PeerAddress.IsOrdinary(peer.Peer.Address) || peer.Peer.Address.Equals(PeerAddress.Unknown6));
        Assert.False(IPAddress.IsLoopback(peer.Peer.Address));
        Assert.DoesNotContain(peer.Peer.Address, Own.All);
        Assert.Equal(peer.Peer.AddressFamily, peer.Destination.AddressFamily);
        Assert.True(IPAddress.IsLoopback(peer.Destination) || Own.All.Contains(peer.Destination));
    }, iter: 100_000);

    [Fact]
    public void No_name_leads_to_the_pod_itself_or_its_link() => Gen.Select(Answers, Gen.Bool.Select(old => old ? (byte)4 : (byte)6)).Sample((answer, family) =>
    {
        ResolvedAddresses? resolved = ResolvedAddresses.Validate(answer, family, Peers, Own);
        Assert.True(resolved is null or { Exists: false, Addresses.IsEmpty: true } || answer.Errno == 0);
        Assert.All(resolved?.Addresses ?? [], a =>
        {
            Assert.Equal(family == 4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, a.AddressFamily);
            Assert.True(PeerAddress.IsOrdinary(a));
            Assert.DoesNotContain(a, Own.All);
            Assert.Contains(a, answer.Addresses);
        });
        Assert.True(resolved is null or { Seconds: >= 5 and <= 300 });
    }, iter: 100_000);

    [Fact]
    public void A_link_local_address_is_resolved_where_the_policy_names_its_range()
    {
        NetworkEntry network = new([], [new EgressEntry("169.254.0.0/16", 1, false, "", false) { Range = IPNetwork.Parse("169.254.0.0/16") }]);
        NetAnswer answer = new(0, [IPAddress.Parse("169.254.1.1")], 60, 0);
        Assert.NotEmpty(ResolvedAddresses.Validate(answer, 4, network, Own)!.Addresses);
        Assert.Empty(ResolvedAddresses.Validate(answer, 4, Peers, Own)!.Addresses);
    }

    [Fact]
    public void The_pod_never_takes_the_address_of_a_peer_or_of_nobody() => Addresses.Array[0, 16].Sample(told =>
    {
        PodAddresses own = PodAddresses.Validated(told, Peers);
        Assert.NotNull(own.Of(AddressFamily.InterNetwork));
        Assert.DoesNotContain(IPAddress.Parse("10.9.9.9"), own.All);
        Assert.All(own.All, a => Assert.True(PeerAddress.IsOrdinary(a)));
        Assert.Equal(own.All.Distinct(), own.All);
    }, iter: 10_000);
}
