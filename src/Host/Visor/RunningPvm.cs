using Pavise.Host.Vmm;

namespace Pavise.Host.Visor;

/// <summary>What a visor has of a pVM that is bound to its policy.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Images">Its root images.</param>
/// <param name="Guards">Who watches over its processes.</param>
internal sealed record RunningPvm(IPvm Machine, ImageSlots Images, Guards Guards);
