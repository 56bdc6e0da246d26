namespace Pavise.Attestation;

/// <summary>
/// What was launched. SNP and simulated: <see cref="Digest"/> is MEASUREMENT. TDX: <see cref="Digest"/> is MRTD, beside it the runtime registers; as an
/// expectation, a register that is null is not compared.
/// </summary>
/// <param name="Digest">48 bytes.</param>
/// <param name="Rtmr0">TDX RTMR0: firmware configuration and ACPI tables, 48 bytes.</param>
/// <param name="Rtmr1">TDX RTMR1: the kernel, 48 bytes.</param>
/// <param name="Rtmr2">TDX RTMR2: command line and initial RAM disk, 48 bytes.</param>
/// <param name="Rtmr3">TDX RTMR3: 48 bytes; nothing in a Pavise guest extends it.</param>
public sealed record LaunchMeasurement(
    ReadOnlyMemory<byte> Digest,
    ReadOnlyMemory<byte>? Rtmr0 = null,
    ReadOnlyMemory<byte>? Rtmr1 = null,
    ReadOnlyMemory<byte>? Rtmr2 = null,
    ReadOnlyMemory<byte>? Rtmr3 = null)
{
    /// <summary>Whether a measured launch is the expected one: equal digests, and equal registers where this expectation names them.</summary>
    public bool Matches(LaunchMeasurement measured) =>
        Digest.Span.SequenceEqual(measured.Digest.Span)
        && Agrees(Rtmr0, measured.Rtmr0) && Agrees(Rtmr1, measured.Rtmr1) && Agrees(Rtmr2, measured.Rtmr2) && Agrees(Rtmr3, measured.Rtmr3);

    /// <summary>The digests as hexadecimal text, <c>mrtd,rtmr0,…</c> where there are registers.</summary>
    public override string ToString()
    {
        string text = Convert.ToHexStringLower(Digest.Span);
        return Rtmr0 is null && Rtmr1 is null && Rtmr2 is null && Rtmr3 is null
            ? text
            : string.Join(',', text, Text(Rtmr0), Text(Rtmr1), Text(Rtmr2), Text(Rtmr3));
    }

    private static bool Agrees(ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? measured) =>
        expected is not { } e || (measured is { } m && e.Span.SequenceEqual(m.Span));

    private static string Text(ReadOnlyMemory<byte>? register) => register is { } r ? Convert.ToHexStringLower(r.Span) : "any";
}
