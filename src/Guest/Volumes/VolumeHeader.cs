namespace Pavise.Guest.Volumes;

/// <summary>What stands between two mounts of a volume.</summary>
internal enum VolumeState : uint
{
    /// <summary>The file system is being made; nothing of an application is in it.</summary>
    Formatting = 1,

    /// <summary>In use, or left by a pVM that was killed.</summary>
    Open = 2,

    /// <summary>Cleanly unmounted.</summary>
    Clean = 3,
}

/// <summary>The sealed header of a volume's image.</summary>
/// <param name="Sequence">Grows with each writing; the newest of the two copies counts.</param>
/// <param name="Generation">What the key broker's counter is, once this header is registered (<see cref="VolumeGeneration"/>).</param>
/// <param name="Before">What it was before.</param>
/// <param name="SizeBytes">Bytes of the image that the volume takes.</param>
/// <param name="State">What the volume was left as.</param>
/// <param name="Salt">16 random bytes of its formatting: a volume that is made anew has other keys.</param>
internal sealed record VolumeHeader(ulong Sequence, long Generation, long Before, ulong SizeBytes, VolumeState State, byte[] Salt);
