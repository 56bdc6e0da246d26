namespace Pavise.Session;

/// <summary>The maximum of everything that is read in the key broker protocol, each with its reason.</summary>
public static class SessionLimits
{
    /// <summary>Bytes of a request for a challenge: three members and a list of hash names.</summary>
    public const int AuthBytes = 16 * 1024;

    /// <summary>Bytes of an attestation request: a policy of 1 MiB as a JSON text with escapes, evidence of 256 KiB.</summary>
    public const int AttestBytes = 3 * 1024 * 1024;

    /// <summary>Bytes of evidence in JSON, as <c>Pavise.Attestation</c> reads it.</summary>
    public const int EvidenceBytes = 256 * 1024;

    /// <summary>Characters of evidence of further devices.</summary>
    public const int AdditionalEvidenceChars = 256 * 1024;

    /// <summary>Bytes of an init-data document: a policy's maximum.</summary>
    public const int InitDataBytes = 1024 * 1024;

    /// <summary>Characters of a nonce: 32 bytes in base64 are 44; other brokers may use more.</summary>
    public const int NonceChars = 1024;

    /// <summary>Bytes of one resource: what a Kubernetes Secret holds.</summary>
    public const int ResourceBytes = 1024 * 1024;

    /// <summary>Resources of one batch: a policy's maximum of secrets.</summary>
    public const int BatchResources = 1024;

    /// <summary>Bytes of a batch's contents together: one answer stays in memory twice, on either side.</summary>
    public const int BatchBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of any other request.</summary>
    public const int RequestBytes = 64 * 1024;

    /// <summary>Bytes of an answer: a batch, encrypted, in base64.</summary>
    public const int AnswerBytes = 24 * 1024 * 1024;

    /// <summary>Bytes of a status line and headers: Kestrel's own maximum for requests is 32 KiB.</summary>
    public const int HeaderBytes = 32 * 1024;

    /// <summary>Headers of an answer.</summary>
    public const int Headers = 100;

    /// <summary>Characters of a token: claims of evidence and a policy's name; servers' headers hold 32 KiB.</summary>
    public const int TokenChars = 24 * 1024;

    /// <summary>Characters of a sealed value: what a Kubernetes Secret holds. The value itself is then at most some 580 KiB.</summary>
    public const int SealedChars = 1024 * 1024;

    /// <summary>Nesting of a message: evidence needs 5.</summary>
    public const int JsonDepth = 16;

    /// <summary>Bits of an RSA key: 2048 is the least that is safe, more than 8192 costs the broker too much.</summary>
    public const int RsaLeastBits = 2048, RsaMostBits = 8192;
}
