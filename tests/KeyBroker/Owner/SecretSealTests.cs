using System.Security.Cryptography;
using Pavise.Owner;
using Pavise.Session.Jose;
using Pavise.Session.Sealed;

namespace Pavise.KeyBroker.Tests.Owner;

/// <summary><c>pavise secret seal</c>: what the guest would refuse later is said at once.</summary>
public sealed class SecretSealTests : IDisposable
{
    private const string Key = "kbs:///shop/keys/seal";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pavise-seal-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        StringWriter output = new(), errors = new();
        int code = await CommandLine.RunAsync([.. arguments, "--config", InFolder("home")], output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    private async Task<(string Policy, string SignKey)> PrepareAsync(string may = "seal")
    {
        (_, string owners, _) = await RunAsync("owner", "init", "--name", "alice");
        string signKey = owners.Split('\n').Single(l => l.Contains("signKey", StringComparison.Ordinal)).Split(": ")[1].Trim();
        await File.WriteAllTextAsync(InFolder("key"), "12345678901234567890123456789012");
        await File.WriteAllTextAsync(InFolder("value"), "value");
        await File.WriteAllTextAsync(InFolder("policy.yaml"), $$"""
            apiVersion: pavise.dev/v1
            kind: Policy
            metadata: { name: shop, version: 1 }
            {{owners.TrimEnd()}}
                may: [{{may}}]
              - { name: other, signKey: "{{Other}}", sealKey: "{{Other}}", may: [seal] }
            containers:
              - name: main
                image: { rootfs: "verity-sha256:{{new string('1', 64)}}" }
                process:
                  args: [x]
                  user: { uid: 0, gid: 0 }
                  env: { ONE: { from: host, sealed: ["{{Key}}"] }, TWO: { from: host, sealed: ["{{Key}}", "kbs:///shop/keys/next"] }, OPEN: { from: host } }
                mounts: [{ path: /run/key, from: host, sealed: ["{{Key}}"] }, { path: /etc/hosts, from: host }]
            attestation: { keyBroker: { url: "https://kb:8443", key: "spki-sha256:{{new string('0', 64)}}" } }
            """);
        return (InFolder("policy.yaml"), signKey);
    }

    private static string Other
    {
        get
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        }
    }

    [Fact]
    public async Task A_sealed_value_opens_with_the_key_at_its_place_under_the_owners_signature()
    {
        (string policy, string signKey) = await PrepareAsync();
        (int code, string text, string errors) = await RunAsync("secret", "seal", policy, InFolder("value"), "--file", "/run/key", "--key-file", InFolder("key"));
        Assert.True(code == 0, errors);
        using ECDsa owner = ECDsa.Create();
        owner.ImportSubjectPublicKeyInfo(Convert.FromBase64String(signKey), out _);
        SealedContent content = SealedText.Read(text, [JwtKey.Of(owner)]);
        Assert.Equal(new SealedPlace("shop", "main", "", "/run/key"), content.Place);
        Assert.Equal("value"u8, content.Envelope!.Decrypt(content.Place, content.Resource, "12345678901234567890123456789012"u8));
        (_, string reference, _) = await RunAsync("secret", "seal", policy, "--env", "TWO", "--resource", "kbs:///shop/keys/next");
        Assert.Equal("kbs:///shop/keys/next", SealedText.Read(reference, [JwtKey.Of(owner)]).Resource.ToString());
    }

    [Theory]
    [InlineData("takes no sealed value", "--env", "OPEN")]
    [InlineData("takes no sealed value", "--env", "NONE")]
    [InlineData("takes no sealed value", "--file", "/etc/hosts")]
    [InlineData("may use several resources", "--env", "TWO")]
    [InlineData("does not let", "--env", "ONE", "--resource", "kbs:///shop/keys/next")]
    [InlineData("no container side", "--env", "ONE", "--container", "side")]
    public async Task A_place_or_resource_that_the_policy_does_not_have_is_refused_with_what_to_write(string reason, params string[] place)
    {
        (string policy, _) = await PrepareAsync();
        (int code, string output, string errors) = await RunAsync(["secret", "seal", policy, .. place]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.Contains("hint:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_who_may_not_seal_and_a_key_of_another_length_are_refused()
    {
        (string policy, _) = await PrepareAsync("logs");
        Assert.Contains("may: [seal]", (await RunAsync("secret", "seal", policy, "--env", "ONE")).Errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(policy, (await File.ReadAllTextAsync(policy)).Replace("[logs]", "[seal]", StringComparison.Ordinal));
        Assert.Contains("32 bytes", (await RunAsync("secret", "seal", policy, InFolder("value"), "--env", "ONE", "--key-file", InFolder("value"))).Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("secret", "seal", policy)).Code);
    }
}
