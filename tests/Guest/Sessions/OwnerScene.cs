using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Attestation;
using Pavise.Attestation.BootKeys;
using Pavise.Boundary;
using Pavise.Guest.Tests.ProcessMachine;
using Pavise.Policy.Json;
using JsonValue = System.Text.Json.Nodes.JsonValue;
using Pavise.Session.Logs;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Tests.Sessions;

/// <summary>The real guest with a policy that has owners, one running container, and an owner who knows what to expect.</summary>
internal sealed class OwnerScene : ISessionOrigin, ILogOrigin, IAsyncDisposable
{
    private static readonly string[] AllVerbs = ["exec", "attach", "logs", "copy", "forward", "ps", "stats", "audit"];
    private int sessions;

    private OwnerScene(Sandbox sandbox, ECDsa sign, ECDiffieHellman seal) => (Sandbox, Sign, Seal) = (sandbox, sign, seal);

    public Sandbox Sandbox { get; }

    public ECDsa Sign { get; }

    public ECDiffieHellman Seal { get; }

    public CancellationToken Over => Sandbox.Over;

    public static async Task<OwnerScene> StartAsync(string script = "exec sleep 1000", JsonObject? stdio = null, string[]? may = null, Action<JsonObject>? change = null)
    {
        Sandbox.SkipUnlessPossible();
        ECDsa sign = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        ECDiffieHellman seal = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        JsonObject container = new()
        {
            ["name"] = "main",
            ["image"] = new JsonObject { ["rootfs"] = $"verity-sha256:{(await TestImage.GetAsync()).Info.RootHashHex}" },
            ["process"] = new JsonObject
            {
                ["args"] = new JsonArray("sh", "-c", script),
                ["env"] = new JsonObject { ["PATH"] = "/bin" },
                ["cwd"] = "/data",
                ["user"] = new JsonObject { ["uid"] = 999, ["gid"] = 999 },
            },
            ["mounts"] = new JsonArray(new JsonObject { ["path"] = "/data", ["volume"] = "data" }),
            ["exec"] = new JsonArray(new JsonObject { ["args"] = new JsonArray("echo", "sealed"), ["output"] = "owner" }),
            ["stdio"] = stdio ?? new JsonObject { ["stdin"] = "none", ["stdout"] = "none", ["stderr"] = "none" },
            ["signals"] = new JsonArray("TERM", "KILL"),
            ["exit"] = "exact",
        };
        JsonObject policy = new()
        {
            ["apiVersion"] = "pavise.dev/v1",
            ["kind"] = "Policy",
            ["metadata"] = new JsonObject { ["name"] = "test", ["version"] = 1 },
            ["owners"] = new JsonArray(new JsonObject
            {
                ["name"] = "alice",
                ["signKey"] = Convert.ToBase64String(sign.ExportSubjectPublicKeyInfo()),
                ["sealKey"] = Convert.ToBase64String(seal.ExportSubjectPublicKeyInfo()),
                ["may"] = new JsonArray([.. (may ?? AllVerbs).Select(v => JsonValue.Create(v))]),
            }),
            ["containers"] = new JsonArray(container),
            ["volumes"] = new JsonObject { ["data"] = new JsonObject { ["kind"] = "memory", ["size"] = "64Mi" } },
            ["attestation"] = new JsonObject { ["tees"] = new JsonArray("sim") },
        };
        change?.Invoke(policy);
        Sandbox sandbox = await Sandbox.StartAsync(CanonicalJson.Write(JsonTree.Parse(Encoding.UTF8.GetBytes(policy.ToJsonString()), 1 << 20)));
        OwnerScene scene = new(sandbox, sign, seal);
        await scene.CreateAsync("c", script);
        return scene;
    }

    public Task CreateAsync(string id, string script) => Sandbox.CreateAsync(
        id,
        Specs.Container(["sh", "-c", script], s =>
        {
            s["process"]!["cwd"] = "/data";
            s["process"]!["user"] = new JsonObject { ["uid"] = 999, ["gid"] = 999 };
        }),
        "main");

    /// <summary>What an engine does for <c>exec -i … pavise-session</c>: an exec, and its streams.</summary>
    public async Task<Stream> CarrierAsync(string id = "c")
    {
        string exec = $"s{Interlocked.Increment(ref sessions)}";
        await Sandbox.ExecAsync(id, exec, Specs.Process("pavise-session").ToJsonString());
        NetworkStream output = await Sandbox.OpenAsync(StreamKind.Stdout, id, exec);
        return new Both(await Sandbox.OpenAsync(StreamKind.Stdin, id, exec), output);
    }

    public async Task<SessionClient> ConnectAsync(ECDsa? key = null) =>
        await SessionClient.ConnectAsync(await CarrierAsync(), SessionTls.CreateOwnerCertificate(key ?? Sign), this, TimeProvider.System, Over);

    /// <summary>Runs one process and collects what it wrote.</summary>
    public static async Task<(string Output, string Error, Done Done)> ExecAsync(SessionClient session, ExecRequest exec, CancellationToken cancellation)
    {
        await session.BeginAsync(new Request { Exec = exec }, cancellation);
        return await CollectAsync(session, cancellation);
    }

    public static async Task<(string Output, string Error, Done Done)> CollectAsync(SessionClient session, CancellationToken cancellation)
    {
        MemoryStream output = new(), error = new();
        while (true)
        {
            ServerFrame frame = await session.ReadAsync(cancellation);
            if (frame.Output is { } piece)
            {
                piece.Data.WriteTo(piece.Error ? error : output);
            }
            else if (frame.Done is { } done)
            {
                return (Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()), done);
            }
        }
    }

    public (ReadOnlyMemory<byte> PublicKey, string? Refusal) VerifyCertificate(ReadOnlyMemory<byte> certificate)
    {
        BootCertificate read = BootCertificate.Parse(certificate.Span);
        bool good = read.IsSelfSigned && read.Evidence.ReportData.Span.SequenceEqual(BootKeyReportData.ForCertificate(read.PublicKey.Span))
            && read.Evidence.PolicyDigest.Span.SequenceEqual(PolicyDigest.OfPolicy(Sandbox.Policy).For(TeeKind.Simulated).Span);
        return (read.PublicKey, good ? null : "evidence");
    }

    public string? VerifyNonce(ReadOnlyMemory<byte> evidence, ReadOnlyMemory<byte> nonce, ReadOnlyMemory<byte> publicKey) =>
        EvidenceDer.Read(evidence).ReportData.Span.SequenceEqual(BootKeyReportData.ForNonce(nonce.Span, publicKey.Span)) ? null : "report-data";

    (ReadOnlyMemory<byte> PublicKey, string? Refusal) ILogOrigin.Verify(ReadOnlyMemory<byte> certificate) => VerifyCertificate(certificate);

    public async ValueTask DisposeAsync()
    {
        await Sandbox.DisposeAsync();
        Sign.Dispose();
        Seal.Dispose();
    }

    private sealed class Both(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => output.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => input.WriteAsync(buffer, cancellationToken);

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => output.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => input.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            input.Dispose();
            output.Dispose();
        }
    }
}
