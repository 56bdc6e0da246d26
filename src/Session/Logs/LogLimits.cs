namespace Pavise.Session.Logs;

/// <summary>The maximum of everything in a sealed log, each with its reason.</summary>
public static class LogLimits
{
    /// <summary>Bytes of one line: container runtimes split lines at 16 KiB, and engines put a time and a stream's name before each.</summary>
    public const int LineBytes = 12 * 1024;

    /// <summary>Bytes of text in one record: what a line of <see cref="LineBytes"/> holds in base64 beside its numbers and padding.</summary>
    public const int TextBytes = 9024;

    /// <summary>Bytes of a header in all its parts: a guest's certificate with a quote and its chain, and the stream's key for each of 64 owners.</summary>
    public const int HeaderBytes = 512 * 1024;

    /// <summary>Parts of one header.</summary>
    public const int HeaderParts = 64;

    /// <summary>Owners that a stream is sealed to.</summary>
    public const int Owners = 1024;

    /// <summary>Records after which the header stands again: a log that was rotated, or whose beginning is gone, can be opened from there.</summary>
    public const int RecordsPerHeader = 512;

    /// <summary>Bytes of lines after which the header stands again: engines rotate at 10 MiB and more.</summary>
    public const int BytesPerHeader = 1024 * 1024;

    /// <summary>Streams that a reader follows in one input: a pod's containers, and its restarts.</summary>
    public const int Streams = 4096;

    /// <summary>Missing ranges of records that a reader remembers of a stream; later ones are reported and forgotten.</summary>
    public const int MissingRanges = 1024;

    /// <summary>Bytes to which the text of a record is padded, so that its length tells less.</summary>
    public const int PaddingBytes = 32;
}
