using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>Shared volumes of containers.</summary>
internal sealed partial class ContainerManager
{
    /// <summary>Mounts of a container whose files the host serves, one for each volume.</summary>
    public static IEnumerable<MountPlan> Folders(Container container) => container.Blueprint.Mounts.Where(m => m.IsShared).DistinctBy(m => m.VolumeName);

    /// <summary>Connects a shared volume to the host, before something touches it.</summary>
    public Task ConnectAsync(SharedVolumePlan plan) => Task.Run(() =>
    {
        try
        {
            shared?.Connect(plan.Name);
        }
        catch (IOException e)
        {
            throw Failures.Precondition($"the shared volume {plan.Name} is not there: {e.Message}");
        }
    });
}
