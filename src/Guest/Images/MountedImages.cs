using System.Collections.Concurrent;
using Pavise.Guest.Boot;
using Pavise.Guest.Interop;
using Pavise.Policy;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Images;

/// <summary>Mounts each image once, by a way that fits the machine.</summary>
internal abstract class MountedImages(GuestEnvironment environment) : IRootImages, IDisposable
{
    protected GuestEnvironment Environment { get; } = environment;

    private readonly ConcurrentDictionary<RootHash, string> mounted = new();
    private readonly SemaphoreSlim turn = new(1, 1);

    public async Task AttachAsync(AttachImagePlan plan, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (mounted.ContainsKey(plan.Root))
            {
                return;
            }

            string path = Path.Combine(Environment.WorkDirectory, "images", plan.Root.Hex);
            Directory.CreateDirectory(path);
            try
            {
                await MountAsync(plan, path, cancellation);
            }
            catch
            {
                Directory.Delete(path);
                throw;
            }

            mounted[plan.Root] = path;
        }
        finally
        {
            turn.Release();
        }
    }

    public string PathOf(RootHash root) => mounted.TryGetValue(root, out string? path) ? path : throw new KeyNotFoundException($"no image {root} is attached");

    /// <summary>Unmounts everything.</summary>
    public void Dispose()
    {
        foreach (string path in mounted.Values)
        {
            try
            {
                LinuxMounts.Detach(path);
            }
            catch (LinuxException)
            {
                // The machine ends; the kernel lets go of it.
            }
        }

        mounted.Clear();
        turn.Dispose();
    }

    protected abstract Task MountAsync(AttachImagePlan plan, string path, CancellationToken cancellation);
}
