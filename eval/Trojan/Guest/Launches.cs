using System.Security.Cryptography;
using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Cri.Node;
using Pavise.Host;
using Pavise.Host.Machines;
using Pavise.Host.Visor;
using Pavise.Trojan.Attacks;

namespace Pavise.Trojan.Guest;

/// <summary>Launches that bind something else than what the guest is told, and root images that are not the owner's.</summary>
internal static class Launches
{
    public static IEnumerable<Attack> Of(VisorGround ground, BuiltTree tree, MachineKind machine)
    {
        int count = 0;
        async Task<Observation> LaunchAsync(Func<LaunchOptions, LaunchOptions> change)
        {
            ISandbox launched = await Sandbox.LaunchAsync(change(ground.Options(tree, machine, $"l{count++}")), CancellationToken.None);
            await launched.StopAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
            await launched.DisposeAsync();
            return Observation.Effect("the guest accepted it");
        }

        Func<Task<Observation>> honest = () => LaunchAsync(o => o);
        byte[] digest = SHA256.HashData(ground.Policy), other = [.. ground.Policy.AsSpan(0, ground.Policy.Length - 1), (byte)' '];
        yield return new("bind/another-digest", "CC-05", "binds another digest than the policy's", () => LaunchAsync(o => o with { HostData = new byte[32] }), honest);
        yield return new("bind/one-byte", "CC-16", "binds the owner's digest and sends a policy that differs in one byte", () => LaunchAsync(o => o with { Policy = other, HostData = digest }), honest);
        yield return new("bind/white-space", "CC-05", "binds the owner's digest and sends the policy with a line break behind it", () => LaunchAsync(o => o with { Policy = (byte[])[.. ground.Policy, (byte)'\n'], HostData = digest }), honest);
        yield return new("bind/not-canonical", "CC-05", "binds a policy that is not in its one canonical form", () => LaunchAsync(o => o with { Policy = (byte[])[(byte)' ', .. ground.Policy] }), honest);
        yield return new("bind/no-policy", "CC-01", "binds bytes that are no policy", () => LaunchAsync(o => o with { Policy = "{\"kind\":\"Policy\"}"u8.ToArray() }), honest);
        yield return new("bind/unshielded", "QH-01", "switches the shield off while a policy is bound", () => LaunchAsync(o => o with { Policy = default, Unshielded = true, HostData = digest }), honest);
        foreach (Attack attack in Images(ground, tree, machine))
        {
            yield return attack;
        }
    }

    private static IEnumerable<Attack> Images(VisorGround ground, BuiltTree tree, MachineKind machine)
    {
        int count = 0;

        // A guest for each: a root that it verified before stays what it was, whatever is attached later.
        async Task<Observation> AttachAsync(string image, uint? slot, ReadOnlyMemory<byte> hash, ulong blocks)
        {
            await using ISandbox fresh = await Sandbox.LaunchAsync(ground.Options(tree, machine, $"i{count++}"), CancellationToken.None);
            try
            {
                uint plugged = await fresh.PlugImageAsync(image, CancellationToken.None);
                await using GuestClient guest = new(new TtrpcClient(await fresh.ConnectGuestAsync(BoundaryPorts.Control, CancellationToken.None)));
                await guest.AttachImageAsync(new() { Slot = slot ?? plugged, RootHash = ByteString.CopyFrom(hash.Span), DataBlocks = blocks }, default);
                return Observation.Effect("the image was accepted");
            }
            finally
            {
                await fresh.StopAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
            }
        }

        async Task<Observation> TamperedAsync(Func<long, long> place)
        {
            string copy = Path.Combine(ground.Folder, $"{Guid.NewGuid():N}.img");
            File.Copy(ground.Image.Path, copy);
            long length = new FileInfo(copy).Length, at = place(length);
            await using (FileStream file = File.Open(copy, FileMode.Open))
            {
                if (at >= length || at < 0)
                {
                    file.SetLength(length / 2);
                }
                else
                {
                    file.Position = at;
                    int old = file.ReadByte();
                    file.Position = at;
                    file.WriteByte((byte)(old ^ 1));
                }
            }

            return await AttachAsync(copy, null, ground.Image.RootHash, ground.Image.DataBlocks);
        }

        ReadOnlyMemory<byte> hash = ground.Image.RootHash;
        ulong blocks = ground.Image.DataBlocks;
        Func<Task<Observation>> honest = () => AttachAsync(ground.Image.Path, null, hash, blocks);
        yield return new("root/another-hash", "OCI-01", "names a root hash that no entry has", () => AttachAsync(ground.Image.Path, null, new byte[32], blocks), honest);
        yield return new("root/short-hash", "OCI-01", "names the beginning of the root hash", () => AttachAsync(ground.Image.Path, null, hash[..31], blocks), honest);
        yield return new("root/fewer-blocks", "OCI-01", "says that the image is a block shorter", () => AttachAsync(ground.Image.Path, null, hash, blocks - 1), honest);
        yield return new("root/more-blocks", "OCI-01", "says that the image is a block longer", () => AttachAsync(ground.Image.Path, null, hash, blocks + 1), honest);
        yield return new("root/no-blocks", "OCI-01", "says that the image has no blocks", () => AttachAsync(ground.Image.Path, null, hash, 0), honest);
        yield return new("root/far-slot", "QM-04", "names a slot that cannot be", () => AttachAsync(ground.Image.Path, 100_000, hash, blocks), honest);
        yield return new("root/empty-slot", "QM-04", "names a slot where nothing is", () => AttachAsync(ground.Image.Path, 77, hash, blocks), honest);
        long data = (long)blocks * 4096;
        foreach ((string name, Func<long, long> place) in new (string, Func<long, long>)[] { ("super-block", _ => 1024 + 4), ("first-data", _ => 4096 + 17), ("middle", _ => data / 2), ("last-data", _ => data - 1), ("tree", _ => data + 4096 + 1), ("shortened", l => l) })
        {
            if (name == "tree" && machine == MachineKind.Process)
            {
                continue; // Without a device mapper the guest computes the whole tree itself and never looks at the host's.
            }

            yield return new($"root/bit-{name}", "QM-05", name == "shortened" ? "cuts the image's end off" : $"changes one bit of the image ({name})", () => TamperedAsync(place), honest);
        }
    }
}
