using System.Text.Json.Nodes;

namespace Pavise.Integration.Tests.Support;

/// <summary>Where a task's shim is on the machine while it runs, so that a test can see that all of it is gone afterwards.</summary>
/// <param name="ShimPid">Pid of the shim.</param>
/// <param name="VmmPid">Pid of QEMU, or of the guest on the process machine.</param>
/// <param name="Socket">The socket that the shim serves.</param>
/// <param name="Sandbox">The pVM's sandbox directory.</param>
internal sealed record ShimPlaces(int ShimPid, int VmmPid, string Socket, string Sandbox)
{
    private const string Sandboxes = "/run/pavise/sandboxes";

    /// <summary>Finds them.</summary>
    public static async Task<ShimPlaces> OfAsync(Containerd containerd, string id)
    {
        string socket = (await File.ReadAllTextAsync(Path.Combine(containerd.Bundle(id), "address")))["unix://".Length..];
        int vmm = (await containerd.PidAsync(id))!.Value;
        (string sandbox, int shim) = Directory.GetDirectories(Sandboxes)
            .Select(d => (d, State: Read(Path.Combine(d, "visor.json"))))
            .Where(s => (int?)s.State?["vmmPid"] == vmm)
            .Select(s => (s.d, (int)s.State!["pid"]!))
            .Single();
        return new ShimPlaces(shim, vmm, socket, sandbox);
    }

    /// <summary>What of them is still there.</summary>
    public IReadOnlyList<string> Left() =>
    [
        .. new[] { ShimPid, VmmPid }.Where(Lives).Select(p => $"process {p}"),
        .. new[] { Socket, Sandbox }.Where(Path.Exists),
    ];

    /// <summary>A process may end while its state is read.</summary>
    private static bool Lives(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Asserts that all is gone, at once or very soon.</summary>
    public async Task AssertGoneAsync()
    {
        for (int i = 0; i < 100 && Left().Count > 0; i++)
        {
            await Task.Delay(100);
        }

        Assert.Empty(Left());
    }

    private static JsonNode? Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
