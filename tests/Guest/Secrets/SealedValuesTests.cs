using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Containers;
using Pavise.Guest.Interop;
using Pavise.Guest.Secrets;
using Pavise.Guest.Tests.Containers;
using Pavise.Policy.Json;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Session;
using Pavise.Session.Jose;
using Pavise.Session.Sealed;

namespace Pavise.Guest.Tests.Secrets;

/// <summary>The host brings sealed values: its own, other ones, and the right ones at the wrong place.</summary>
public sealed class SealedValuesTests : IDisposable
{
    private const string Key = "kbs:///shop/keys/seal", Password = "kbs:///shop/secrets/password", Unnamed = "kbs:///shop/secrets/other", Away = "kbs:///shop/secrets/away";
    private static readonly byte[] KeyContent = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly SealedPlace Variable = new("shop", "main", "PASSWORD", ""), File = new("shop", "main", "", "/run/key");
    private static readonly SealedFilePlan FilePlan = new([Key], 0x120, 5, 6);

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-sealed-").FullName;
    private readonly JwtKey owner = JwtKey.Of(ECDsa.Create(ECCurve.NamedCurves.nistP384)), reader = JwtKey.Of(ECDsa.Create(ECCurve.NamedCurves.nistP256));
    private readonly SealedValues values;
    private readonly ReleasedSecrets released = new(
        new Dictionary<string, ReadOnlyMemory<byte>> { [Key] = KeyContent, [Password] = "kept at the broker"u8.ToArray(), [Unnamed] = "of others"u8.ToArray() },
        new Dictionary<string, string> { [Away] = "not-permitted: no rule" });

    public SealedValuesTests()
    {
        JsonObject Owner(string name, JwtKey key, string may) => new()
        {
            ["name"] = name,
            ["signKey"] = Convert.ToBase64String(key.Key.ExportSubjectPublicKeyInfo()),
            ["sealKey"] = Convert.ToBase64String(key.Key.ExportSubjectPublicKeyInfo()),
            ["may"] = new JsonArray(may),
        };
        JsonObject policy = JsonNode.Parse($$"""
            { "apiVersion": "pavise.dev/v1", "kind": "Policy", "metadata": { "name": "shop", "version": 1 },
              "containers": [ { "name": "main", "image": { "rootfs": "verity-sha256:{{new string('1', 64)}}" }, "process": { "args": ["x"], "user": { "uid": 0, "gid": 0 } } } ] }
            """)!.AsObject();
        policy["owners"] = new JsonArray(Owner("alice", owner, "seal"), Owner("bob", reader, "logs"));
        values = new(PolicyDocument.FromTree(JsonTree.Parse(Encoding.UTF8.GetBytes(policy.ToJsonString()), 100_000)));
    }

    public void Dispose()
    {
        owner.Key.Dispose();
        reader.Key.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private string Envelope(SealedPlace place, string value = "value") => SealedText.Envelop(owner, place, ResourceUri.Parse(Key), KeyContent, Encoding.UTF8.GetBytes(value));

    private string Open(string text) => values.Variables(Plan(text), released)["PASSWORD"];

    private static ContainerPlan Plan(string text) => Plans.Container() with
    {
        Entry = "main",
        Process = Plans.Container().Process with { Env = ["A=1", $"PASSWORD={text}"] },
        SealedVariables = [new("PASSWORD", [Key, Password, Away])],
    };

    [Fact]
    public void An_envelope_and_a_reference_of_the_owner_open_at_their_place()
    {
        Assert.Equal("PASSWORD=välue=", Open(Envelope(Variable, "välue=")));
        Assert.Equal("PASSWORD=kept at the broker", Open(SealedText.Refer(owner, Variable, ResourceUri.Parse(Password))));
        Assert.Equal("value", Encoding.UTF8.GetString(values.File("main", "/run/key", Encoding.ASCII.GetBytes(Envelope(File) + "\n"), FilePlan, released)));
    }

    [Fact]
    public void What_the_host_may_try_with_them_opens_nothing_and_the_reason_is_named()
    {
        JwtKey host = JwtKey.Of(ECDsa.Create(ECCurve.NamedCurves.nistP384));
        ResourceUri key = ResourceUri.Parse(Key);
        (string Text, string Reason)[] attempts =
        [
            ("plain", "no sealed text"),
            (SealedText.Envelop(host, Variable, key, KeyContent, "value"u8), "not known here"),
            (SealedText.Envelop(host with { Id = owner.Id }, Variable, key, KeyContent, "value"u8), "does not hold"),
            (SealedText.Refer(reader, Variable, key), "not known here"),
            (Envelope(Variable with { Variable = "TOKEN" }), "another place"),
            (Envelope(Variable with { Container = "side" }), "another place"),
            (Envelope(Variable with { Policy = "stock" }), "another place"),
            (Envelope(new SealedPlace("shop", "main", "", "PASSWORD")), "another place"),
            (SealedText.Refer(owner, Variable, ResourceUri.Parse(Unnamed)), "does not let it use"),
            (SealedText.Refer(owner, Variable, ResourceUri.Parse(Away)), "not-permitted"),
            (SealedText.Envelop(owner, Variable, ResourceUri.Parse(Password), KeyContent, "value"u8), "32 bytes"),
            (SealedText.Envelop(owner, Variable, key, new byte[32], "value"u8), "is not the key"),
            (Envelope(Variable, "a\0b"), "no text"),
            (Envelope(Variable)[..^1], "sealed"),
        ];
        Assert.All(attempts, a =>
        {
            string message = Assert.Throws<InvalidDataException>(() => Open(a.Text)).Message;
            Assert.Contains(a.Reason, message, StringComparison.Ordinal);
            Assert.DoesNotContain("value" + "\"", message, StringComparison.Ordinal);
        });
        Assert.Throws<InvalidDataException>(() => values.File("main", "/run/key", Encoding.ASCII.GetBytes(Envelope(Variable)), FilePlan, released));
        Assert.Throws<InvalidDataException>(() => values.File("main", "/run/key", Encoding.UTF8.GetBytes("sealed.ä"), FilePlan, released));
        Assert.Throws<InvalidDataException>(() => SealedValues.None.Variables(Plan(Envelope(Variable)), released));
    }

    [Fact]
    public void The_opened_value_stands_where_the_sealed_text_stood()
    {
        ImmutableDictionary<string, string> open = values.Variables(Plan(Envelope(Variable)), released);
        Assert.Equal(["A=1", "PASSWORD=value"], SealedValues.Replace(["A=1", "PASSWORD=sealed.a.b.c"], ["PASSWORD"], open));
        Assert.Equal(["A=1", "PASSWORD=fixed"], SealedValues.Replace(["A=1", "PASSWORD=fixed"], [], open));
    }

    [Fact]
    public void A_sealed_file_appears_open_with_a_secrets_permissions_and_one_that_does_not_open_never_appears()
    {
        MountPlan mount = new("/run/key", MountKind.HostFiles) { Files = [new HostFilePlan("", null, 100_000) { Sealed = FilePlan }] };
        HostFileStore store = new([mount], folder, (m, content) => values.File("main", m.Destination, content.Span, m.Files[0].Sealed!, released));
        PutFilePlan plan = new("c", "/run/key", "");
        Assert.Equal(TtrpcStatus.Internal, Assert.Throws<TtrpcException>(() => store.Accept(plan, Encoding.ASCII.GetBytes(Envelope(Variable)))).Status);
        Assert.Single(store.Outstanding);
        Assert.False(System.IO.File.Exists(store.Sources[0]));
        store.Accept(plan, Encoding.ASCII.GetBytes(Envelope(File)));
        Assert.Empty(store.Outstanding);
        Assert.Equal("value", System.IO.File.ReadAllText(store.Sources[0]));
        FileStatus status = LinuxFiles.Status(store.Sources[0])!.Value;
        Assert.Equal((0x120u, 5u, 6u), (status.Mode & 0xFFF, status.Uid, status.Gid));
    }

    [Fact]
    public void Nobody_opens_a_sealed_file_by_forgetting_that_it_is_one()
    {
        HostFileStore store = new([new MountPlan("/run/key", MountKind.HostFiles) { Files = [new HostFilePlan("", null, 100_000) { Sealed = FilePlan }] }], folder);
        Assert.Throws<TtrpcException>(() => store.Accept(new PutFilePlan("c", "/run/key", ""), "plain"u8.ToArray()));
    }
}
