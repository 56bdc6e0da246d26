using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host;
using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Machines;
using Pavise.Host.Visor;
using Pavise.Integration.Tests.Support;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>A malicious visor and its control connection, against a real guest in a pVM.</summary>
public sealed class BindingTests
{
    [Fact]
    public async Task A_policy_whose_digest_is_not_the_bound_one_makes_the_guest_power_off()
    {
        using Folder folder = new();
        byte[] policy = await CompiledAsync(folder);
        HostException failure = await Assert.ThrowsAnyAsync<HostException>(() => Sandbox.LaunchAsync(Options(folder, policy) with { HostData = new byte[32] }, CancellationToken.None));
        Assert.DoesNotContain("did not answer within", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["s"]) && Directory.EnumerateFiles(folder["s"], "*.sock").Any());
    }

    [Fact]
    public async Task Bytes_that_are_bound_but_no_policy_run_nothing()
    {
        using Folder folder = new();
        HostException failure = await Assert.ThrowsAnyAsync<HostException>(() => Sandbox.LaunchAsync(Options(folder, "{\"kind\":\"Policy\"}"u8.ToArray()), CancellationToken.None));
        Assert.Contains("policy", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_connection_of_a_bound_guest_gets_only_what_the_policy_says()
    {
        using Folder folder = new();
        byte[] policy = await CompiledAsync(folder);
        await using ISandbox sandbox = await Sandbox.LaunchAsync(Options(folder, policy), CancellationToken.None);
        try
        {
            await using GuestClient guest = new(new TtrpcClient(await sandbox.ConnectGuestAsync(BoundaryPorts.Control, CancellationToken.None)));
            (string root, _) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
            CachedImage image = await new RootImageCache(folder["images"]).GetAsync(RootSource.FromDirectory(root), CancellationToken.None);
            uint slot = await sandbox.PlugImageAsync(image.Path, CancellationToken.None);
            ByteString hash = ByteString.CopyFrom(image.RootHash.Span), other = ByteString.CopyFrom(new byte[32]);
            ByteString spec = ByteString.CopyFromUtf8(Bundle.Config(root, ["sleep", "1000"], env: ["PATH=/usr/bin:/bin"]).ToJsonString());

            await RefusedAsync(TtrpcStatus.FailedPrecondition, () => guest.BindAsync(new BindRequest { ApiVersion = 1, Policy = ByteString.CopyFrom(policy) }, default));
            await RefusedAsync(TtrpcStatus.PermissionDenied, () => guest.AttachImageAsync(new AttachImageRequest { Slot = slot, RootHash = other, DataBlocks = image.DataBlocks }, default));
            await RefusedAsync(TtrpcStatus.Internal, () => guest.AttachImageAsync(new AttachImageRequest { Slot = slot, RootHash = hash, DataBlocks = image.DataBlocks - 1 }, default));
            await guest.AttachImageAsync(new AttachImageRequest { Slot = slot, RootHash = hash, DataBlocks = image.DataBlocks }, default);
            await guest.CreateContainerAsync(new CreateContainerRequest { ContainerId = "one", Spec = spec, RootHash = hash }, default);
            await RefusedAsync(TtrpcStatus.PermissionDenied, () => guest.CreateContainerAsync(new CreateContainerRequest { ContainerId = "two", Spec = spec, RootHash = hash }, default));
            await guest.StartContainerAsync(new StartContainerRequest { ContainerId = "one" }, default);
            await RefusedAsync(TtrpcStatus.FailedPrecondition, () => guest.StartContainerAsync(new StartContainerRequest { ContainerId = "one" }, default));
            await RefusedAsync(TtrpcStatus.PermissionDenied, () => guest.CheckpointAsync(new CheckpointRequest { ContainerId = "one" }, default));
            await RefusedAsync(TtrpcStatus.NotFound, () => guest.SignalProcessAsync(new SignalProcessRequest { ContainerId = "none", Signal = 9 }, default));
            await guest.SignalProcessAsync(new SignalProcessRequest { ContainerId = "one", Signal = 9 }, default);
            Assert.Equal(137u, (await guest.WaitProcessAsync(new WaitProcessRequest { ContainerId = "one" }, default)).ExitStatus);
            await guest.DeleteContainerAsync(new DeleteContainerRequest { ContainerId = "one" }, default);
            await RefusedAsync(TtrpcStatus.FailedPrecondition, () => guest.CreateContainerAsync(new CreateContainerRequest { ContainerId = "one", Spec = spec, RootHash = hash }, default));
        }
        finally
        {
            await sandbox.StopAsync(TimeSpan.FromSeconds(2), CancellationToken.None);
        }
    }

    private static async Task RefusedAsync(TtrpcStatus status, Func<Task> call)
    {
        TtrpcException refusal = await Assert.ThrowsAsync<TtrpcException>(call);
        Assert.True(status == refusal.Status, $"expected {status}, not {refusal.Status}: {refusal.Message}");
    }

    private static LaunchOptions Options(Folder folder, byte[] policy) => new()
    {
        Directory = folder["s"],
        Configuration = new HostConfiguration { Machine = MachineKind.Tcg, Guest = Tree.Guest("development"), Cache = folder["images"] },
        Policy = policy,
        VisorCommand = [Tree.Bin("pavise-runtime"), VisorProgram.Command],
    };

    private static async Task<byte[]> CompiledAsync(Folder folder)
    {
        (_, string layout) = await BusyboxImage.BuildAsync(Path.Combine(Tree.Cache, "busybox"));
        await File.WriteAllTextAsync(folder["p.yaml"], Policies.Plain(await Owner.RootHashAsync(layout), "[sleep, \"1000\"]"));
        (await Owner.PaviseAsync("policy", "compile", folder["p.yaml"], "--output", folder["p.json"])).OrThrow("compile");
        return await File.ReadAllBytesAsync(folder["p.json"]);
    }

    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("pavise-bind-").FullName;

        public string this[string name] => Path.Combine(path, name);

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
