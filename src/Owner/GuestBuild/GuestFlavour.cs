using System.Text;

namespace Pavise.Owner.GuestBuild;

/// <summary>
/// Which flavour a pavise-guest program is. Each flavour holds a text of its own, which `pavise-guest --version` prints; a program that is
/// about to become an image is searched for both.
/// </summary>
internal static class GuestFlavour
{
    /// <summary>Followed by the flavour; the same as in `GuestEnvironment` of the guest.</summary>
    internal const string Marker = "pavise-guest-flavour:";

    private static readonly string[] All = ["production", "development"];

    /// <exception cref="OwnerException">The program is of another flavour, or no pavise-guest.</exception>
    internal static void Check(ReadOnlySpan<byte> program, string file, string expected)
    {
        string? other = null;
        foreach (string flavour in All)
        {
            other = flavour != expected && Holds(program, Marker + flavour) ? flavour : other;
        }

        if (other is not null || !Holds(program, Marker + expected))
        {
            throw new OwnerException(
                other is null ? $"{file} is not a pavise-guest of the flavour {expected}" : $"{file} is a pavise-guest of the flavour {other}, not {expected}",
                "name a program of the right flavour with --guest, or the right --flavour");
        }
    }

    private static bool Holds(ReadOnlySpan<byte> program, string text) => program.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
