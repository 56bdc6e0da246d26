using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Pavise.Boundary;
using Pavise.Boundary.Dns;
using Pavise.Boundary.HostCalls;

namespace Pavise.Host.HostCalls.Network;

/// <summary>
/// The host call <c>net.resolve</c>: the pod's file of host names, then the servers of the pod's resolv.conf, asked from the pod's network. Search
/// domains are the asker's business: the application's own resolver has them from its resolv.conf.
/// </summary>
internal sealed class NameResolver(NetworkThread network, string resolvConf, string hosts)
{
    private const int ServerPort = 53;
    private const int MostServers = 3;
    private const int FileBytes = 1024 * 1024;
    private const int MessageBytes = 4096;
    private const uint FileSeconds = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The addresses of a name.</summary>
    public async Task<NetAnswer> ResolveAsync(string name, byte family, CancellationToken cancellation)
    {
        IPAddress[] known = [.. Lines(hosts).Where(w => w.Length > 1 && w.Skip(1).Any(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase)))
            .Select(w => IPAddress.TryParse(w[0], out IPAddress? a) ? a : null).OfType<IPAddress>().Where(a => IsOf(a, family)).Distinct().Take(BoundaryLimits.NetAddresses)];
        if (known.Length > 0)
        {
            return new NetAnswer(0, known, FileSeconds, 0);
        }

        ushort type = family == 4 ? DnsMessage.TypeA : DnsMessage.TypeAaaa;
        foreach (IPAddress server in Servers())
        {
            DnsQuestion question = new((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), name, type, DnsMessage.ClassInternet);
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            late.CancelAfter(Patience);
            try
            {
                DnsAnswer? answer = await AskAsync(server, question, stream: false, late.Token);
                if (answer is { IsCut: true })
                {
                    answer = await AskAsync(server, question, stream: true, late.Token) ?? answer;
                }

                if (answer is { Code: DnsMessage.CodeNoError })
                {
                    return new NetAnswer(0, [.. answer.Addresses.Where(a => IsOf(a, family))], answer.Seconds, 0);
                }

                if (answer is { Code: DnsMessage.CodeNoName })
                {
                    return NetAnswer.Of(NetErrno.NoName);
                }
            }
            catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // The next server.
            }
        }

        return NetAnswer.Of(NetErrno.Again);
    }

    private static bool IsOf(IPAddress address, byte family) => address is { IsIPv4MappedToIPv6: false, AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 }
        && (address.AddressFamily == AddressFamily.InterNetwork ? family == 4 : family == 6 && address.ScopeId == 0);

    private IEnumerable<IPAddress> Servers()
    {
        IPAddress[] servers = [.. Lines(resolvConf).Where(w => w.Length > 1 && w[0] == "nameserver").Select(w => IPAddress.TryParse(w[1], out IPAddress? a) ? a : null).OfType<IPAddress>().Take(MostServers)];
        return servers.Length > 0 ? servers : [IPAddress.Loopback];
    }

    private async Task<DnsAnswer?> AskAsync(IPAddress server, DnsQuestion question, bool stream, CancellationToken cancellation)
    {
        using Socket socket = await network.RunAsync(() => stream
            ? new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        await socket.ConnectAsync(new IPEndPoint(server, ServerPort), cancellation);
        byte[] message = DnsMessage.Ask(question.Id, question.Name, question.Type), room = new byte[stream ? ushort.MaxValue : MessageBytes];
        if (!stream)
        {
            await socket.SendAsync(message, cancellation);
            while (true)
            {
                int length = await socket.ReceiveAsync(room, cancellation);
                if (DnsMessage.ReadAnswer(room.AsSpan(0, length), question) is { } answer)
                {
                    return answer;
                }
            }
        }

        await using NetworkStream connection = new(socket);
        byte[] head = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)message.Length);
        await connection.WriteAsync((byte[])[.. head, .. message], cancellation);
        await connection.ReadExactlyAsync(head, cancellation);
        int size = BinaryPrimitives.ReadUInt16BigEndian(head);
        await connection.ReadExactlyAsync(room.AsMemory(0, size), cancellation);
        return DnsMessage.ReadAnswer(room.AsSpan(0, size), question);
    }

    /// <summary>The words of a file's lines without comments; nothing where there is no such file, or none of a sensible size.</summary>
    private static IEnumerable<string[]> Lines(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= FileBytes }
                ? [.. File.ReadLines(path).Select(l => l.Split('#', ';')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
