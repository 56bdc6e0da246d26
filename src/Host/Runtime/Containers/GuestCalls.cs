using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Visor;

namespace Pavise.Host.Runtime.Containers;

/// <summary>One call to the guest of a container.</summary>
internal static class GuestCalls
{
    public static async Task<T> WithGuestAsync<T>(ContainerRecord record, Func<GuestClient, Task<T>> call, CancellationToken cancellation)
    {
        if (record.IsPod)
        {
            throw new HostException($"{record.Id} stands for its pod: nothing of it runs inside the pVM");
        }

        await using ISandbox sandbox = Sandbox.Open(record.Sandbox);
        await using GuestClient guest = new(new TtrpcClient(await sandbox.ConnectGuestAsync(BoundaryPorts.Control, cancellation)));
        return await call(guest);
    }
}
