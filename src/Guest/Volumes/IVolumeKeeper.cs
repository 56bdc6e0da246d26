using Pavise.Policy.Plans;

namespace Pavise.Guest.Volumes;

/// <summary>Who keeps the keys of volumes and the numbers of their generations: the key broker.</summary>
internal interface IVolumeKeeper
{
    /// <summary>Gets a volume for this pVM; waits for a lease that a pVM which was killed may have left.</summary>
    /// <exception cref="VolumeException">It is not to be had, and why.</exception>
    Task<IVolumeGrant> GrantAsync(EncryptedVolumePlan volume);
}

/// <summary>A volume that this pVM may use.</summary>
internal interface IVolumeGrant
{
    /// <summary>What its keys are derived from.</summary>
    ReadOnlyMemory<byte> Secret { get; }

    /// <summary>The registered generation; null where the policy asks for no freshness.</summary>
    long? Registered { get; }

    /// <summary>Registers a generation.</summary>
    /// <exception cref="VolumeException">Another one was registered since.</exception>
    Task RegisterAsync(long generation);

    /// <summary>Gives it back.</summary>
    Task EndAsync();
}
