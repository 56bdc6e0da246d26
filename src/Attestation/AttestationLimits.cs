namespace Pavise.Attestation;

/// <summary>The maximum of everything that is read from evidence and collateral, each with its reason.</summary>
public static class AttestationLimits
{
    /// <summary>Bytes of a TDX quote: 1.1 KiB of fixed parts, a certificate chain of some 4 KiB, authentication data.</summary>
    public const int QuoteBytes = 32 * 1024;

    /// <summary>Zero bytes behind a quote: services pad to a page.</summary>
    public const int QuotePadding = 8 * 1024;

    /// <summary>Bytes of a quote's authentication data: Intel's quoting enclave writes 32.</summary>
    public const int QeAuthenticationBytes = 1024;

    /// <summary>Bytes of one certificate: AMD's have 1.4 to 1.7 KiB, Intel's 1.3 KiB.</summary>
    public const int CertificateBytes = 8 * 1024;

    /// <summary>Certificates that come with a report: leaf, intermediates and root of AMD, twice.</summary>
    public const int Certificates = 8;

    /// <summary>Extensions of one certificate: a VCEK has 11.</summary>
    public const int Extensions = 32;

    /// <summary>Bytes of one PEM chain.</summary>
    public const int PemBytes = 64 * 1024;

    /// <summary>Bytes of a revocation list: Intel's platform list has 2.6 KiB, some 40 bytes an entry.</summary>
    public const int CrlBytes = 4 * 1024 * 1024;

    /// <summary>Entries of a revocation list.</summary>
    public const int CrlEntries = 100_000;

    /// <summary>Bytes of TCB info or QE identity: Intel's have 1 to 30 KiB.</summary>
    public const int CollateralJsonBytes = 512 * 1024;

    /// <summary>Levels of TCB info: Intel's have up to some 20.</summary>
    public const int TcbLevels = 256;

    /// <summary>Advisory ids of one level.</summary>
    public const int Advisories = 256;

    /// <summary>TDX module identities in TCB info.</summary>
    public const int ModuleIdentities = 64;

    /// <summary>Nesting of JSON: TCB info needs 7.</summary>
    public const int JsonDepth = 16;

    /// <summary>Bytes of evidence as the key broker protocol carries it: a report as a list of numbers and its certificates.</summary>
    public const int EvidenceJsonBytes = 256 * 1024;

    /// <summary>Bytes of evidence in DER: a quote, or a report and its certificates.</summary>
    public const int EvidenceDerBytes = QuoteBytes + QuotePadding + (Certificates * CertificateBytes) + 1024;

    /// <summary>Bytes of a guest's certificate: evidence, key, names.</summary>
    public const int BootCertificateBytes = EvidenceDerBytes + 2048;

    /// <summary>Characters of a value that a verdict repeats.</summary>
    public const int FoundChars = 512;
}
