using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The network of a pVM, from a namespace as an engine prepares it and from the application's side. One pVM for each machine, asked many things.</summary>
public sealed class NetworkTests
{
    private const string Id = "net";
    private const int Bytes = 100 * 1024 * 1024;

    private const string Client = """
        import socket,sys,hashlib,threading
        def connect(host,port):
            s=socket.create_connection((host,port),timeout=30); s.settimeout(60); return s
        def outcome(f):
            try: print(f() or 'ok')
            except OSError as e: print(type(e).__name__, e.errno)
        def echo(host,port):
            s=connect(host,port); s.sendall(b'x'*10); s.shutdown(socket.SHUT_WR); d=b''
            while 1:
                p=s.recv(4096)
                if not p: break
                d+=p
            return 'echo %d' % len(d)

        """;

    [Theory]
    [InlineData("process", Bytes)]
    [InlineData("tcg", Bytes / 10)]
    public async Task A_pod_reaches_and_is_reached_by_what_its_policy_says_and_nothing_else(string machine, int bytes)
    {
        await using Node node = new(machine);
        await using PodNamespace pod = await PodNamespace.MakeAsync();
        using EchoServer permitted = new(PodNamespace.Node, 7001), other = new(PodNamespace.Node, 7002), six = new(PodNamespace.Node6, 7001);
        (string root, string layout) = await NetworkImage.BuildAsync(Path.Combine(Tree.Cache, "network"));
        string annotation = await Owner.AnnotationAsync(Policy(await Owner.RootHashAsync(layout)));
        string hosts = Path.Combine(node.Folder, "hosts");
        await File.WriteAllTextAsync(hosts, $"{PodNamespace.Node} named.test other.test\n127.0.0.1 evil.test\n");
        string log = Path.Combine(node.Folder, "log");
        Task<CommandResult> run = node.RuntimeToFileAsync(log, "run", "--bundle", node.Bundle(Id, Config(root, pod, hosts), annotation), Id);
        await RetryAsync(() => RunningAsync(node));
        Task<string> Ask(string code) => PythonAsync(node, Client + code);

        // Out.
        Assert.Equal("echo 10", await Ask($"outcome(lambda: echo('{PodNamespace.Node}',7001))"));
        Assert.Equal(PodNamespace.Pod, Assert.Single(permitted.Peers));
        Assert.Equal("echo 10", await Ask($"outcome(lambda: echo('{PodNamespace.Node6}',7001))"));
        Assert.Equal("ConnectionRefusedError 111", await Ask($"outcome(lambda: echo('{PodNamespace.Node}',7002))"));
        Assert.Equal("ConnectionRefusedError 111", await Ask("outcome(lambda: echo('10.77.0.3',7001))"));
        Assert.Empty(other.Peers);
        Assert.Contains("ConnectionResetError", await Ask($"outcome(lambda: connect('{PodNamespace.Node}',7003).recv(1))"), StringComparison.Ordinal);

        // Names.
        Assert.Equal("echo 10", await Ask("outcome(lambda: echo('named.test',7001))"));
        Assert.Equal("echo 10", await Ask("outcome(lambda: echo('pinned.test',7001))"));
        Assert.StartsWith("gaierror", await Ask("outcome(lambda: echo('other.test',7001))"), StringComparison.Ordinal);
        Assert.StartsWith("gaierror", await Ask("outcome(lambda: echo('evil.test',7001))"), StringComparison.Ordinal);

        // Not a way around.
        Assert.Matches("^(PermissionError 1|OSError 38)$", await Ask("outcome(lambda: socket.socket(socket.AF_INET,socket.SOCK_RAW,1))"));
        Assert.Matches("^(PermissionError 1|OSError 38)$", await Ask("outcome(lambda: socket.socket(socket.AF_PACKET,socket.SOCK_RAW))"));
        Assert.Matches("^(PermissionError 1|OSError 38)$", await Ask("outcome(lambda: socket.socket(40,socket.SOCK_STREAM))"));
        Assert.Equal("PermissionError 1", await Ask($"s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.connect(('{PodNamespace.Node}',53))\noutcome(lambda: s.send(b'x'))"));
        Assert.Equal("ConnectionResetError 104", await Ask("outcome(lambda: connect('127.0.0.1',64917).recv(1))"));

        // Large, both ways at once.
        Assert.Equal($"{bytes} same", await Ask($$"""
            n={{bytes}}; s=connect('{{PodNamespace.Node}}',7001); a=hashlib.sha256(); b=hashlib.sha256(); block=bytes(range(256))*256
            def send():
                left=n
                while left: k=min(left,len(block)); s.sendall(block[:k]); a.update(block[:k]); left-=k
                s.shutdown(socket.SHUT_WR)
            t=threading.Thread(target=send); t.start(); got=0
            while 1:
                d=s.recv(262144)
                if not d: break
                b.update(d); got+=len(d)
            t.join(); print(got, 'same' if a.digest()==b.digest() else 'different')
            """));

        // In: nobody listens yet, then an application does, and sees who came.
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(PodNamespace.Pod, 9000));
        Task<string> served = Ask("l=socket.create_server(('',9000)); c,a=l.accept(); print(a[0]); d=b''\nwhile 1:\n    p=c.recv(65536)\n    if not p: break\n    d+=p\nc.sendall(hashlib.sha256(d).hexdigest().encode())\nc.close()");
        using (Socket peer = await RetryAsync(() => ConnectAsync(PodNamespace.Pod, 9000)))
        {
            byte[] payload = RandomNumberGenerator.GetBytes(bytes / 10);
            await using NetworkStream stream = new(peer);
            await stream.WriteAsync(payload);
            peer.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[64];
            await stream.ReadExactlyAsync(answer);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(payload)), Encoding.ASCII.GetString(answer));
        }

        Assert.Equal(PodNamespace.Node, await served);
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(PodNamespace.Pod, 9001));

        // As containerd forwards a port: it dials the loopback interface of the namespace. The application does not take that for itself.
        Task<string> forwarded = Ask("l=socket.create_server(('',9000)); c,a=l.accept(); print(a[0]); c.close()");
        await RetryAsync(async () => (await pod.RunAsync("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9000 && cat <&3")).OrThrow("forward"));
        Assert.Equal("192.0.0.8", await forwarded);

        (await node.RuntimeAsync("kill", Id, "KILL")).OrThrow("kill");
        await run;
    }

    private static async Task<bool> RunningAsync(Node node) => (string?)(await node.StateOfAsync(Id))["status"] == "running" ? true : throw new InvalidOperationException("it does not run yet");

    private static async Task<string> PythonAsync(Node node, string code)
    {
        CommandResult result = await node.RuntimeAsync("exec", Id, "python3.11", "-c", code.ReplaceLineEndings("\n"));
        return result.OrThrow("python").Output.Trim();
    }

    private static async Task<Socket> ConnectAsync(string address, int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address), port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<T> RetryAsync<T>(Func<Task<T>> action)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await action();
            }
            catch (Exception e) when (i < 200 && e is SocketException or InvalidOperationException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static JsonObject Config(string root, PodNamespace pod, string hosts)
    {
        JsonObject config = Bundle.Config(root, ["sleep", "infinity"]);
        JsonArray namespaces = config["linux"]!["namespaces"]!.AsArray();
        namespaces.Single(n => (string?)n!["type"] == "network")!["path"] = pod.Path;
        config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/etc/hosts", ["type"] = "bind", ["source"] = hosts, ["options"] = new JsonArray("rbind") });
        return config;
    }

    private static string Policy(string rootHash) => Policies.Plain(rootHash, "[sleep, infinity]", """
            exec:
              - { args: [python3.11, -c, { matches: '(.|\n)*' }], output: host }
        """.ReplaceLineEndings("\n"), $$"""
        network:
          ingress: [{ port: 9000 }]
          egress:
            - { host: {{PodNamespace.Node}}, port: 7001 }
            - { host: "{{PodNamespace.Node6}}", port: 7001 }
            - { host: {{PodNamespace.Node}}, port: 7003 }
            - { host: named.test, port: 7001 }
            - { host: evil.test, port: 7001 }
            - { host: pinned.test, port: 7001, addresses: [{{PodNamespace.Node}}] }
        """);
}
