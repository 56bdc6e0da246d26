using System.Security.Cryptography;

namespace Pavise.Guest.Volumes;

/// <summary>
/// Numbers of generations, as the key broker's counter holds them: 23 bits that count, 40 random ones. Two images that grew apart from one never have the same number,
/// so that the broker's value names one of them. A header is written before its number is registered, with the number before; whichever of the two the broker knows,
/// the image is the newest.
/// </summary>
internal static class VolumeGeneration
{
    private const int RandomBits = 40;

    /// <summary>8 million: a mount and an unmount a minute for years.</summary>
    private const long Most = (1L << 23) - 1;

    /// <summary>How many generations there were.</summary>
    public static long Count(long value) => value >> RandomBits;

    /// <summary>A number for the generation after <paramref name="value"/>.</summary>
    /// <exception cref="VolumeException">There is none.</exception>
    public static long Next(long value)
    {
        if (Count(value) is < 0 or >= Most)
        {
            throw new VolumeException("the volume has no generations left: copy its content to a new one");
        }

        return ((Count(value) + 1) << RandomBits) | (BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & ((1L << RandomBits) - 1));
    }

    /// <summary>Why an image may not be used, by its age; null where it may.</summary>
    /// <param name="header">Its header; null for an image that was never written.</param>
    /// <param name="registered">The broker's counter.</param>
    public static string? Refusal(VolumeHeader? header, long registered)
    {
        if (header is null)
        {
            return registered == 0 ? null
                : $"the image is empty, and the key broker knows generation {Count(registered)} of this volume: this is a rollback to nothing, or another image";
        }

        if (registered == header.Generation || registered == header.Before)
        {
            return null;
        }

        long image = Count(header.Generation), known = Count(registered);
        return registered == 0 ? $"the image has generation {image}, and the key broker knows none of this volume: its counter was lost, or it is another broker"
            : image < known ? $"the image has generation {image}, and the key broker knows generation {known}: this is a rollback to an older image"
            : image == known ? $"the image has another generation {image} than the key broker knows: a copy of it was used in its place since, this is a fork"
            : $"the image has generation {image}, and the key broker knows only {known}: the broker was put back";
    }
}
