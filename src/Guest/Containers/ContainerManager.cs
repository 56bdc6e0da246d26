using Pavise.Guest.Boot;
using Pavise.Guest.Images;

namespace Pavise.Guest.Containers;

/// <summary>Carries out container plans with crun.</summary>
internal sealed class ContainerManager(GuestEnvironment environment, IRootImages images, TimeProvider time)
{
    /// <summary>Raised when a first process (empty exec id) or an exec has ended: container id, exec id, status 0 to 255.</summary>
    public event Action<string, string, int>? Exited;

    /// <summary>Ends every container: TERM, after the grace time KILL.</summary>
    public Task StopAllAsync(TimeSpan grace) => throw new NotImplementedException();
}
