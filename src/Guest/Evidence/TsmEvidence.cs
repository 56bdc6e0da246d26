using Pavise.Attestation;
using Pavise.Boundary;

namespace Pavise.Guest.Evidence;

/// <summary>
/// The kernel's common interface to trusted execution environments (Linux 6.7 and later, Documentation/ABI/testing/configfs-tsm): a folder is made,
/// report data written to <c>inblob</c>, the evidence read from <c>outblob</c>. Not run on hardware; tested against a folder that behaves like it.
/// </summary>
/// <param name="files">Where configfs has the reports.</param>
/// <param name="tee">What the kernel says it is.</param>
internal sealed class TsmEvidence(TsmFolder files, TeeKind tee) : IEvidenceSource
{
    /// <summary>The kernel's own limit of outblob (TSM_OUTBLOB_MAX).</summary>
    private const int MostBytes = 32 * 1024;

    public TeeKind Tee => tee;

    /// <summary>The source, if this kernel offers one with a provider that is known here.</summary>
    public static TsmEvidence? Find(TsmFolder files)
    {
        if (!files.Exists)
        {
            return null;
        }

        string entry = files.Make();
        try
        {
            return File.ReadAllText(Path.Combine(entry, "provider")).Trim() switch
            {
                "sev_guest" => new TsmEvidence(files, TeeKind.Snp),
                "tdx_guest" => new TsmEvidence(files, TeeKind.Tdx),
                _ => null,
            };
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            files.Remove(entry);
        }
    }

    public Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation) => Task.Run(() => Ask(reportData.Span), cancellation);

    private Untrusted<byte[]> Ask(ReadOnlySpan<byte> reportData)
    {
        string entry = files.Make();
        try
        {
            // One write: the kernel takes what one call brings.
            using (FileStream input = new(Path.Combine(entry, "inblob"), FileMode.Open, FileAccess.Write, FileShare.Read, 0))
            {
                input.Write(reportData);
            }

            using FileStream output = new(Path.Combine(entry, "outblob"), FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            byte[] buffer = new byte[MostBytes + 1];
            int length = output.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length is > 0 and <= MostBytes ? new Untrusted<byte[]>(buffer[..length]) : throw new IOException($"the kernel's evidence has {length} bytes");
        }
        finally
        {
            files.Remove(entry);
        }
    }
}

/// <summary>A folder of configfs, in which making a folder makes an object with its attributes.</summary>
/// <param name="path">Its path.</param>
internal class TsmFolder(string path)
{
    /// <summary>Where the kernel has it.</summary>
    public const string Kernel = "/sys/kernel/config/tsm/report";

    private int number;

    public bool Exists => Directory.Exists(path);

    /// <summary>Makes one object and returns its folder.</summary>
    public virtual string Make()
    {
        string entry = Path.Combine(path, $"pavise{Interlocked.Increment(ref number)}");
        Directory.CreateDirectory(entry);
        return entry;
    }

    /// <summary>Removes it.</summary>
    public virtual void Remove(string entry) => Directory.Delete(entry);
}
