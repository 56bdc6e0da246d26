using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pavise.Guest.Containers;
using Pavise.Guest.Containers.Configuration;
using Pavise.Guest.Interop;
using Pavise.Guest.Secrets;
using Pavise.Guest.Tests.Containers;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Secrets;

public sealed class ReleasedSecretsTests : IDisposable
{
    private static readonly SecretPlan Variable = new("kbs:///a/b/password", "", "PASSWORD", 0, 0, 0);
    private static readonly SecretPlan File = new("kbs:///a/b/key", "/run/secrets/key", "", 0x100, 999, 998);
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-secrets-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Variables_are_added_in_order_and_the_host_s_are_kept() =>
        Assert.Equal(["A=1", "PASSWORD=pä=ss", "PATH=/bin"], Released("pä=ss"u8).Environment(["A=1", "PATH=/bin"], [Variable, File]));

    [Fact]
    public void A_secret_that_was_not_released_is_never_an_empty_one()
    {
        Assert.Throws<InvalidDataException>(() => ReleasedSecrets.None.Environment([], [Variable]));
        Assert.Throws<InvalidDataException>(() => SecretFiles.Write([new MountPlan(File.File, MountKind.Secret)], [File], ReleasedSecrets.None, folder));
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0 })]
    [InlineData(new byte[] { 0xff, 0xfe })]
    public void What_no_variable_can_hold_is_an_error_that_names_the_secret(byte[] value) =>
        Assert.Contains("kbs:///a/b/password", Assert.Throws<InvalidDataException>(() => Released(value).Environment([], [Variable])).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_without_NUL_reaches_the_variable_unchanged() => Gen.String.Where(s => !s.Contains('\0') && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s)) == s).Sample(text =>
        Released(Encoding.UTF8.GetBytes(text)).Environment([], [Variable]).Single() == $"PASSWORD={text}");

    [Fact]
    public void A_file_has_the_content_owner_and_permissions_of_the_policy_and_is_bound_read_only()
    {
        MountPlan mount = new(File.File, MountKind.Secret) { ReadOnly = true };
        ReleasedSecrets released = new(new Dictionary<string, ReadOnlyMemory<byte>> { [File.Resource] = new byte[] { 0, 1, 255 } });
        string[] sources = [.. SecretFiles.Write([new MountPlan("/proc", MountKind.Proc), mount], [File], released, folder)];
        Assert.Equal("", sources[0]);
        Assert.Equal([0, 1, 255], System.IO.File.ReadAllBytes(sources[1]));
        FileStatus status = LinuxFiles.Status(sources[1])!.Value;
        Assert.Equal((999u, 998u, 0x100u), (status.Uid, status.Gid, status.Mode & 0xFFF));

        JsonNode bound = JsonNode.Parse(CrunConfig.Compose(Plans.Container(mount), new ContainerLayout("/r", "/c", true, [sources[1]])))!["mounts"]![0]!;
        Assert.Equal(("bind", sources[1]), ((string)bound["type"]!, (string)bound["source"]!));
        Assert.Superset(new HashSet<string> { "ro", "nosuid", "nodev", "noexec" }, bound["options"]!.AsArray().Select(o => (string)o!).ToHashSet());
        Assert.True(MountPoints.IsFile(mount));
    }

    private static ReleasedSecrets Released(ReadOnlySpan<byte> value) => new(new Dictionary<string, ReadOnlyMemory<byte>> { [Variable.Resource] = value.ToArray() });
}
