namespace Pavise.Policy.Plans;

/// <summary>An encrypted volume of the policy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBytes">Size of its image: everything that it takes on the host.</param>
/// <param name="Key">Key broker resource, kbs:///repository/type/tag, that holds its key.</param>
/// <param name="FreshAtBroker">Whether its generations are registered at the key broker.</param>
public sealed record EncryptedVolumePlan(string Name, ulong SizeBytes, string Key, bool FreshAtBroker)
{
    /// <summary>No volume: it has no name and no key, and nothing opens it.</summary>
    internal static EncryptedVolumePlan None { get; } = new("", 0, "", true);
}

/// <summary>Serve a shared volume by file host calls.</summary>
/// <param name="Name">Its name.</param>
public sealed record SharedVolumePlan(string Name) : Plan(DecisionPoint.FileOpen);

/// <summary>Open an encrypted volume.</summary>
/// <param name="ContainerId">A container that has it.</param>
/// <param name="Mount">Where it is in the container.</param>
/// <param name="Slot">Where the host plugged it.</param>
/// <param name="Volume">The volume.</param>
public sealed record AttachVolumePlan(string ContainerId, string Mount, uint Slot, EncryptedVolumePlan Volume) : Plan(DecisionPoint.AttachVolume);
