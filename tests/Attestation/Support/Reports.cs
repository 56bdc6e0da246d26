namespace Pavise.Attestation.Tests;

internal static class Reports
{
    /// <summary>A version 2 report, all zero but for version and signature algorithm.</summary>
    public static byte[] Minimal()
    {
        byte[] bytes = new byte[1184];
        bytes[0] = 2;
        bytes[0x34] = 1;
        return bytes;
    }
}
