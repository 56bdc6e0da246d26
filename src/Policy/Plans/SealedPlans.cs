using System.Collections.Immutable;

namespace Pavise.Policy.Plans;

/// <summary>A variable whose value comes from the host sealed: the guest opens it before the process gets it.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Resources">The resources of the key broker that the sealed value may use.</param>
public sealed record SealedVariablePlan(string Name, ImmutableArray<string> Resources);

/// <summary>A file whose content comes from the host sealed: the guest opens it before the container sees it.</summary>
/// <param name="Resources">The resources of the key broker that the sealed content may use.</param>
/// <param name="Mode">Permissions of the opened file.</param>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
public sealed record SealedFilePlan(ImmutableArray<string> Resources, uint Mode, uint Uid, uint Gid);
