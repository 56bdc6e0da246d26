using Pavise.Guest.Volumes;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>Encrypted volumes of containers.</summary>
internal sealed partial class ContainerManager
{
    /// <summary>Mounts of a container whose encrypted volume the host has to plug and attach.</summary>
    public IEnumerable<MountPlan> MissingVolumes(Container container) =>
        container.Blueprint.Mounts.Where(m => m.Encrypted is { } volume && !encrypted.IsOpen(volume.Name)).DistinctBy(m => m.VolumeName);

    private void RequireMachine()
    {
        try
        {
            encrypted.RequireMachine();
        }
        catch (VolumeException e)
        {
            throw Failures.Precondition(e.Message);
        }
    }

    /// <summary>Opens the volume of a created container's mount.</summary>
    public Task<bool> AttachVolumeAsync(AttachVolumePlan plan) => InTurnAsync(Get(plan.ContainerId), async container =>
    {
        Blueprint blueprint = container.Blueprint;
        MountPlan mount = blueprint.Mounts.First(m => m.Destination == plan.Mount);
        string log = Path.Combine(container.Folder, "volume.log");
        try
        {
            await encrypted.AttachAsync(plan, volumes.PlaceOf(plan.Volume), new VolumeTools(RunToolAsync, log, place => Volumes.SetOwner(place, mount, blueprint, ImageOf(blueprint))));
            return true;
        }
        catch (VolumeException e)
        {
            throw Failures.Precondition(e.Message);
        }
        catch (TimeoutException e)
        {
            throw Failures.Precondition($"the volume {plan.Volume.Name} was not plugged: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failures.Precondition($"the volume {plan.Volume.Name} cannot be read or written: {e.Message}");
        }
    });
}
