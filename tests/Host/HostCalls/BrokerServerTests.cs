using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.HostCalls;
using Pavise.Host.Visor;

namespace Pavise.Host.Tests.HostCalls;

public sealed class BrokerServerTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly VisorLog _log;

    public BrokerServerTests() => _log = new VisorLog(File.OpenHandle(_file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), TimeProvider.System);

    public void Dispose()
    {
        _log.Dispose();
        File.Delete(_file);
    }

    [Theory]
    [InlineData("""{"attestation":{"keyBroker":{"url":"https://kbs.example:8443/kbs"}}}""", "kbs.example", 8443)]
    [InlineData("""{"attestation":{"keyBroker":{"url":"https://[::1]"}}}""", "[::1]", 443)]
    [InlineData("""{"attestation":{"keyBroker":{"url":"http://kbs.example"}}}""", null, 0)]
    [InlineData("""{"attestation":{"keyBroker":{"url":1}}}""", null, 0)]
    [InlineData("""{"attestation":[]}""", null, 0)]
    [InlineData("nonsense", null, 0)]
    [InlineData("", null, 0)]
    public void The_broker_is_the_one_that_the_policy_names(string policy, string? host, int port) =>
        Assert.Equal(host is null ? null : new KeyBrokerAddress(host.Trim('[', ']'), port), KeyBrokerAddress.Of(Encoding.UTF8.GetBytes(policy)));

    [Fact]
    public async Task Bytes_pass_both_ways_and_the_end_of_one_side_ends_the_other()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        (Socket guest, Socket visor) = await PairAsync();
        BrokerServer server = new(new KeyBrokerAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port), _log);
        Task serving = server.ServeAsync(new NetworkStream(visor, ownsSocket: true), TestContext.Current.CancellationToken);
        using TcpClient broker = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await guest.SendAsync("question"u8.ToArray());
        byte[] bytes = new byte[8];
        await broker.GetStream().ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        await broker.GetStream().WriteAsync("answer"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("question", Encoding.UTF8.GetString(bytes));
        Assert.Equal(6, await guest.ReceiveAsync(bytes));
        broker.Close();
        Assert.Equal(0, await guest.ReceiveAsync(bytes));
        await serving.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        guest.Dispose();
    }

    [Fact]
    public async Task A_guest_whose_policy_names_no_broker_gets_no_connection()
    {
        (Socket guest, Socket visor) = await PairAsync();
        await new BrokerServer(null, _log).ServeAsync(new NetworkStream(visor, ownsSocket: true), TestContext.Current.CancellationToken);
        Assert.Equal(0, await guest.ReceiveAsync(new byte[1]));
        Assert.Contains("names no key broker", await File.ReadAllTextAsync(_file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        guest.Dispose();
    }

    private static async Task<(Socket Guest, Socket Visor)> PairAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Socket one = new(SocketType.Stream, ProtocolType.Tcp);
        await one.ConnectAsync(listener.LocalEndpoint);
        return (one, await listener.AcceptSocketAsync());
    }
}
