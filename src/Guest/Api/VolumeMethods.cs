using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Containers;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>Encrypted volumes.</summary>
internal sealed partial class GuestService
{
    public async Task<Empty> AttachVolume(AttachVolumeRequest request, CancellationToken cancellation)
    {
        if (unshielded)
        {
            throw new TtrpcException(TtrpcStatus.Unimplemented, "there are no encrypted volumes without a policy");
        }

        // A key may be long in coming: nobody else waits for it.
        await volumes.ReadyAsync().WaitAsync(cancellation);
        return await Shielded.RunAsync(
            new Requests.AttachVolume(request.ContainerId, request.Mount, request.Slot),
            request.ContainerId,
            async (AttachVolumePlan plan) =>
            {
                await containers.AttachVolumeAsync(plan);
                return new Empty();
            },
            cancellation);
    }

    private IEnumerable<WantedVolume> MissingVolumes(Container container) =>
        containers.MissingVolumes(container).Select(m => new WantedVolume { Mount = m.Destination, Name = m.VolumeName, Bytes = m.Encrypted!.SizeBytes });
}
