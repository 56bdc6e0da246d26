using Pavise.Workloads;

namespace Pavise.Integration.Tests.Support;

/// <summary>A network namespace with an address, as an engine prepares one for a pod: 10.77.0.2 inside, 10.77.0.1 and fd77::1 on the node.</summary>
internal sealed class PodNamespace : IAsyncDisposable
{
    public const string Node = "10.77.0.1";
    public const string Pod = "10.77.0.2";
    public const string Node6 = "fd77::1";
    public const string Pod6 = "fd77::2";

    private static int made;

    // No name is used twice: the kernel takes a namespace apart some time after it was deleted.
    private readonly int number = Interlocked.Increment(ref made);
    private readonly string name;

    private PodNamespace() => name = $"pavise-{Environment.ProcessId}-{number}";

    private string Outside => $"pv{Environment.ProcessId % 1000000}x{number}";

    public string Path => $"/run/netns/{name}";

    public static async Task<PodNamespace> MakeAsync()
    {
        PodNamespace made = new();
        string outside = made.Outside;
        await IpAsync("netns", "add", made.name);
        await IpAsync("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", made.name);
        await IpAsync("address", "add", $"{Node}/24", "dev", outside);
        await IpAsync("address", "add", $"{Node6}/64", "dev", outside, "nodad");
        await IpAsync("link", "set", outside, "up");
        foreach (string[] inside in new[] { ["link", "set", "lo", "up"], ["address", "add", $"{Pod}/24", "dev", "eth0"], new[] { "address", "add", $"{Pod6}/64", "dev", "eth0", "nodad" }, ["link", "set", "eth0", "up"], ["route", "add", "default", "via", Node] })
        {
            await IpAsync(["-netns", made.name, .. inside]);
        }

        return made;
    }

    /// <summary>Runs a command in the namespace.</summary>
    public Task<CommandResult> RunAsync(params string[] command) => Command.RunAsync("ip", ["netns", "exec", name, .. command], TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("ip", ["link", "delete", Outside]);
        await Command.RunAsync("ip", ["netns", "delete", name]);
    }

    private static async Task IpAsync(params string[] arguments) => (await Command.RunAsync("ip", arguments)).OrThrow($"ip {string.Join(' ', arguments)}");
}
