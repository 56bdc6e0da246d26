namespace Pavise.Session.Logs;

/// <summary>What can be wrong with a sealed log.</summary>
public enum LogProblem
{
    /// <summary>A line is not of the format.</summary>
    Malformed,

    /// <summary>The header is not by the boot key that its evidence is over, or the evidence does not satisfy the owner.</summary>
    Forged,

    /// <summary>The stream was not sealed to this owner's key.</summary>
    WrongKey,

    /// <summary>Records are missing.</summary>
    Gap,

    /// <summary>A record came after later ones.</summary>
    Reordered,

    /// <summary>A record came twice.</summary>
    Duplicate,

    /// <summary>A stream, or a part of it, is fed again, or is of an earlier or another boot.</summary>
    Replayed,

    /// <summary>A record was changed, or is of another stream.</summary>
    Changed,

    /// <summary>Records came whose header is not there.</summary>
    NoHeader,

    /// <summary>The stream does not end with its closing record: the process still runs, or the end was cut off.</summary>
    NoEnd,

    /// <summary>A line is not sealed: it did not come out of the pVM sealed to the owner.</summary>
    Unsealed,
}

/// <summary>What a reader of sealed logs tells.</summary>
public interface ILogReport
{
    /// <summary>A stream begins, or is joined in its middle.</summary>
    /// <param name="stream">Who it is.</param>
    /// <param name="boot">The boot: SHA-256 of its key.</param>
    /// <param name="next">Number of the record that comes next.</param>
    void Begins(LogStreamInfo stream, string boot, ulong next);

    /// <summary>Text, as the process wrote it.</summary>
    /// <param name="stream">Who wrote it.</param>
    /// <param name="unixMs">When the guest read it, by its clock.</param>
    /// <param name="text">The bytes; valid during the call.</param>
    void Text(LogStreamInfo stream, long unixMs, ReadOnlySpan<byte> text);

    /// <summary>Something is wrong.</summary>
    void Problem(LogProblem problem, string message);
}

/// <summary>Says whether a certificate is of a pVM that the owner accepts.</summary>
public interface ILogOrigin
{
    /// <summary>The certificate's key, SubjectPublicKeyInfo, when the certificate and the evidence in it hold; else why not, with the names of the failed checks.</summary>
    (ReadOnlyMemory<byte> PublicKey, string? Refusal) Verify(ReadOnlyMemory<byte> certificate);
}
