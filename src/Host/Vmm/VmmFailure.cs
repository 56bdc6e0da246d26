namespace Pavise.Host.Vmm;

/// <summary>Turns a VMM's end into a sentence for people.</summary>
internal static class VmmFailure
{
    private static readonly (string Sign, string Meaning)[] Known =
    [
        ("Cannot allocate memory", "there is not enough memory for the pVM: lower memory_mib under [qemu], or free some"),
        ("cannot set up guest memory", "there is not enough memory for the pVM: lower memory_mib under [qemu], or free some"),
        ("Could not access KVM kernel module", "/dev/kvm cannot be opened by the VMM's user: give it the device's group, or use machine = \"tcg\""),
        ("failed to initialize kvm", "KVM does not work on this machine: use machine = \"tcg\""),
        ("could not load kernel", "the guest's kernel is not a Linux kernel that QEMU can start: build the guest image again (pavise guest build)"),
        ("could not open kernel", "the guest's kernel cannot be read: build the guest image again (pavise guest build)"),
        ("could not load initrd", "the guest's initial RAM disk cannot be read: build the guest image again (pavise guest build)"),
        ("initrd is too large", "the initial RAM disk does not fit: raise memory_mib under [qemu]"),
        ("Property 'sev-snp-guest", "this QEMU knows no SNP guest: version 9.1 or later is needed"),
        ("invalid object type: sev-snp-guest", "this QEMU knows no SNP guest: version 9.1 or later is needed"),
        ("invalid object type: tdx-guest", "this QEMU knows no TDX guest: version 10.1 or later is needed"),
        ("Parameter 'qom-type' does not accept value 'tdx-guest'", "this QEMU knows no TDX guest: version 10.1 or later is needed"),
        ("Parameter 'qom-type' does not accept value 'sev-snp-guest'", "this QEMU knows no SNP guest: version 9.1 or later is needed"),
        ("setpriv:", "the VMM's user cannot be taken on: check user under [qemu]"),
    ];

    /// <summary>Why QEMU ended before the pVM ran or while it did.</summary>
    /// <param name="status">Exit code, or 128 + n for signal n.</param>
    /// <param name="tail">Its last words.</param>
    /// <param name="reason">The reason of its SHUTDOWN event, if there was one.</param>
    public static string Explain(int status, string tail, string? reason)
    {
        foreach ((string sign, string meaning) in Known)
        {
            if (tail.Contains(sign, StringComparison.OrdinalIgnoreCase))
            {
                return meaning;
            }
        }

        string words = tail.Length > 0 ? $"; its last words: {LastLine(tail)}" : "";
        return (reason, status) switch
        {
            ("guest-shutdown", _) => "the guest powered itself off",
            ("guest-reset", _) => "the guest's kernel stopped and restarted the machine (a panic, or PID 1 ended)",
            ("guest-panic", _) => "the guest's kernel panicked",
            (_, 137) => $"QEMU was killed (out of memory?){words}",
            (_, > 128) => $"QEMU was ended by signal {status - 128}{words}",
            (_, 0) => $"QEMU ended{words}",
            _ => $"QEMU failed with status {status}{words}",
        };
    }

    private static string LastLine(string tail) => tail[(tail.LastIndexOf('\n') + 1)..].Trim();
}
