namespace Pavise.Integration.Tests.Support;

/// <summary>A node that the tests of a class share, with Pavise on the machine <c>process</c>.</summary>
public sealed class ProcessPodNode : IAsyncLifetime
{
    private PodNode? node;

    internal PodNode Node => node!;

    public async ValueTask InitializeAsync() => node = await PodNode.StartAsync("process");

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}

/// <summary>The same with real pVMs.</summary>
public sealed class VirtualPodNode : IAsyncLifetime
{
    private PodNode? node;

    internal PodNode Node => node!;

    public async ValueTask InitializeAsync() => node = await PodNode.StartAsync("tcg");

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}

/// <summary>Runtime classes under test; runc is the peer on which the claims are proved.</summary>
public static class Runtimes
{
    public static TheoryData<string> All => File.Exists(Tree.Bin("containerd-shim-pavise-v2")) ? ["runc", "pavise"] : ["runc"];
}
