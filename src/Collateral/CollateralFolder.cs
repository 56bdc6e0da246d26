using System.Collections.Immutable;
using Pavise.Attestation.Collateral;

namespace Pavise.Collateral;

/// <summary>
/// A folder of given files: certificates (DER or PEM), revocation lists (DER), Intel's TCB info and QE identity (their answers as sent). Names do not matter: each
/// file is recognised by its content. Folders inside are not read.
/// </summary>
public sealed class CollateralFolder : ICollateralSource
{
    /// <summary>How the name of a file ends while a cache writes it.</summary>
    internal const string Unfinished = ".tmp";

    private readonly CollateralSet _set;

    private CollateralFolder(CollateralSet set, ImmutableArray<string> ignored) => (_set, Ignored) = (set, ignored);

    /// <summary>Names of files that are nothing known.</summary>
    public ImmutableArray<string> Ignored { get; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="CollateralException">It cannot be read, or holds too much.</exception>
    public static CollateralFolder Open(string folder) => Open([folder]);

    /// <summary>Reads several folders as one.</summary>
    internal static CollateralFolder Open(IReadOnlyList<string> folders)
    {
        List<CollateralItem> items = [];
        ImmutableArray<string>.Builder ignored = ImmutableArray.CreateBuilder<string>();
        foreach (string folder in folders)
        {
            Read(folder, items, ignored);
        }

        return new(new(items), ignored.ToImmutable());
    }

    private static void Read(string folder, List<CollateralItem> items, ImmutableArray<string>.Builder ignored)
    {
        try
        {
            string[] files = [.. Directory.EnumerateFiles(folder).Where(f => !f.EndsWith(Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(CollateralLimits.Files + 1)];
            if (files.Length > CollateralLimits.Files)
            {
                throw new CollateralException($"{folder} holds more than {CollateralLimits.Files} files");
            }

            foreach (string file in files)
            {
                IReadOnlyList<CollateralItem> found = new FileInfo(file).Length <= CollateralLimits.FileBytes ? CollateralItem.Recognise(File.ReadAllBytes(file)) : [];
                items.AddRange(found);
                if (found.Count == 0)
                {
                    ignored.Add(Path.GetFileName(file));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CollateralException($"the collateral folder cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation) => Task.FromResult(_set.For(request));
}
