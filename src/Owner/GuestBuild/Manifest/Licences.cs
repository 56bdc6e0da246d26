namespace Pavise.Owner.GuestBuild.Manifest;

/// <summary>SPDX licence expressions of what goes into the guest, from each package's debian/copyright for the parts that are shipped. Others are NOASSERTION.</summary>
internal static class Licences
{
    internal const string Unknown = "NOASSERTION";
    internal const string Own = "Apache-2.0";

    private static readonly (string Prefix, string Licence)[] Known =
    [
        ("linux-image-", "GPL-2.0-only WITH Linux-syscall-note"),
        ("crun", "GPL-2.0-or-later"),
        ("libc6", "LGPL-2.1-or-later"),
        ("libcap2", "BSD-3-Clause OR GPL-2.0-only"),
        ("libgcc-s1", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ("libgcrypt20", "LGPL-2.1-or-later"),
        ("libgpg-error0", "LGPL-2.1-or-later"),
        ("liblz4-1", "BSD-2-Clause"),
        ("libseccomp2", "LGPL-2.1-only"),
        ("libssl3", "Apache-2.0"),
        ("libsystemd0", "LGPL-2.1-or-later"),
        ("libyajl2", "ISC"),
        ("libzstd1", "BSD-3-Clause OR GPL-2.0-only"),
        ("zlib1g", "Zlib"),
    ];

    internal static string Of(string package) => Known.Where(k => package.StartsWith(k.Prefix, StringComparison.Ordinal)).Select(k => k.Licence).FirstOrDefault(Unknown);
}
