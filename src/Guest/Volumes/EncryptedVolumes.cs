using Pavise.Guest.Boot;
using Pavise.Guest.Images;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Volumes;

/// <summary>The encrypted volumes of this pVM: each is opened once, whichever containers use it, and closed at the end.</summary>
/// <param name="environment">Where the guest runs.</param>
/// <param name="drivers">Completes when the kernel has what volumes need.</param>
internal sealed class EncryptedVolumes(GuestEnvironment environment, Func<Task>? drivers = null)
{
    private readonly Dictionary<string, (EncryptedVolume Volume, string Place)> open = [];
    private readonly Dictionary<string, Task<IVolumeGrant>> grants = [];
    private readonly SemaphoreSlim turn = new(1, 1);
    private string policy = "";
    private IVolumeKeeper? keeper;

    /// <summary>Begins to get keys and leases of what a policy has; a lease that a killed pVM left takes its time.</summary>
    /// <param name="document">The bound policy.</param>
    /// <param name="keeps">Who keeps its volumes' keys.</param>
    public void Bound(PolicyDocument document, IVolumeKeeper keeps)
    {
        (policy, keeper) = (document.Name, keeps);
        if (!environment.IsVm)
        {
            return;
        }

        foreach (VolumeEntry volume in document.Volumes.Values.Where(v => v.Kind == VolumeKind.Encrypted))
        {
            _ = GrantAsync(new(volume.Name, volume.SizeBytes, volume.Key, volume.FreshAtBroker));
        }
    }

    /// <summary>Whether a volume is open.</summary>
    public bool IsOpen(string name)
    {
        lock (open)
        {
            return open.ContainsKey(name);
        }
    }

    /// <summary>Refuses where there cannot be such volumes.</summary>
    /// <exception cref="VolumeException">This machine has none.</exception>
    public void RequireMachine()
    {
        if (!environment.IsVm)
        {
            throw new VolumeException("encrypted volumes need a virtual machine: on the machine process the kernel is the host's, and nothing is encrypted from it");
        }
    }

    /// <summary>Waits until the keys of all volumes have come; what failed is tried again with the next request.</summary>
    /// <exception cref="VolumeException">One was not released.</exception>
    public async Task ReadyAsync()
    {
        Task<IVolumeGrant>[] all;
        lock (grants)
        {
            all = [.. grants.Values];
        }

        foreach (Task<IVolumeGrant> grant in all)
        {
            // Which of them a request is about is decided later: another's failure is not its own.
            await grant.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Opens a volume.</summary>
    /// <param name="plan">Which, and where it is plugged.</param>
    /// <param name="place">Where it is mounted.</param>
    /// <param name="tools">What making it takes.</param>
    /// <exception cref="VolumeException">It does not open.</exception>
    public async Task AttachAsync(AttachVolumePlan plan, string place, VolumeTools tools)
    {
        RequireMachine();
        await turn.WaitAsync();
        try
        {
            if (IsOpen(plan.Volume.Name))
            {
                return;
            }

            IVolumeGrant grant = await GrantAsync(plan.Volume);
            await (drivers?.Invoke() ?? Task.CompletedTask);
            string disk = await ScsiDisks.FindAsync(plan.Slot, CancellationToken.None);
            EncryptedVolume volume = await EncryptedVolume.OpenAsync(plan.Volume, policy, VolumeDisk.Read(disk), grant, place, tools);
            lock (open)
            {
                open.Add(plan.Volume.Name, (volume, place));
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Unmounts all, registers them as clean, gives the leases back. What fails leaves its volume as a kill would.</summary>
    /// <returns>What failed.</returns>
    public async Task<IReadOnlyList<string>> CloseAsync()
    {
        List<string> failures = [];
        (EncryptedVolume Volume, string Place)[] all;
        lock (open)
        {
            all = [.. open.Values];
            open.Clear();
        }

        foreach ((EncryptedVolume volume, string place) in all)
        {
            await TryAsync(() => volume.CloseAsync(place), failures);
        }

        Task<IVolumeGrant>[] given;
        lock (grants)
        {
            given = [.. grants.Values.Where(g => g.IsCompletedSuccessfully)];
            grants.Clear();
        }

        foreach (Task<IVolumeGrant> grant in given)
        {
            await TryAsync(async () => await (await grant).EndAsync(), failures);
        }

        return failures;
    }

    private static async Task TryAsync(Func<Task> action, List<string> failures)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (e is VolumeException or IOException or Session.Client.BrokerException)
        {
            failures.Add(e.Message);
        }
    }

    private Task<IVolumeGrant> GrantAsync(EncryptedVolumePlan volume)
    {
        lock (grants)
        {
            if (!grants.TryGetValue(volume.Name, out Task<IVolumeGrant>? grant) || grant is { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                grant = grants[volume.Name] = keeper is { } from ? Task.Run(() => from.GrantAsync(volume)) : Task.FromException<IVolumeGrant>(new VolumeException("nothing attests this launch: no volume's key is released to it"));
            }

            return grant;
        }
    }
}
