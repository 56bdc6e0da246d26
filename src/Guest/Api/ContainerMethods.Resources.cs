using Pavise.Boundary.GuestApi;
using Pavise.Guest.Containers;
using Pavise.Guest.Containers.Configuration;
using Pavise.Policy;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>Resource use and limits, freezing.</summary>
internal sealed partial class GuestService
{
    public Task<ReadStatsResponse> ReadStats(ReadStatsRequest request, CancellationToken cancellation) => Task.FromResult(containers.Stats(Decide(
        new Requests.ReadStats(request.ContainerId),
        request.ContainerId,
        () => new StatsPlan(request.ContainerId, StatsDisclosure.Exact))));

    public Task<Empty> PauseContainer(PauseContainerRequest request, CancellationToken cancellation) => RunAsync(
        new Requests.PauseContainer(request.ContainerId),
        request.ContainerId,
        _ => FreezeAsync(request.ContainerId, frozen: true, cancellation),
        () => new SimplePlan(DecisionPoint.PauseContainer) as Plan,
        cancellation);

    public Task<Empty> ResumeContainer(ResumeContainerRequest request, CancellationToken cancellation) => RunAsync(
        new Requests.ResumeContainer(request.ContainerId),
        request.ContainerId,
        _ => FreezeAsync(request.ContainerId, frozen: false, cancellation),
        () => new SimplePlan(DecisionPoint.ResumeContainer) as Plan,
        cancellation);

    public Task<Empty> UpdateResources(UpdateResourcesRequest request, CancellationToken cancellation)
    {
        byte[] bytes = request.Resources.ToByteArray();
        OciResources resources = Parsed(() => OciResources.Parse(bytes));
        return RunAsync(
            new Requests.UpdateResources(request.ContainerId, resources),
            request.ContainerId,
            async plan =>
            {
                await containers.UpdateAsync(plan);
                return new Empty();
            },
            () => new ResourcesUpdatePlan(request.ContainerId, HostResources(bytes)),
            cancellation);
    }

    private async Task<Empty> FreezeAsync(string id, bool frozen, CancellationToken cancellation)
    {
        await containers.FreezeAsync(id, frozen, cancellation);
        return new Empty();
    }

    private static ResourcesPlan HostResources(byte[] resources) =>
#if PAVISE_DEVELOPMENT
        UnshieldedConfig.Resources(resources);
#else
        throw Failures.Internal($"{resources.Length} bytes that no shield has seen");
#endif
}
