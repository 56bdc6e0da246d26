using System.Diagnostics;

namespace Pavise.Owner.Policies.Generation;

/// <summary>Where the images of a workload are, each read once; <c>docker://</c> is fetched by skopeo into a temporary archive.</summary>
internal sealed class ImageSources(IReadOnlyDictionary<string, string> places, bool pull)
{
    private readonly Dictionary<string, ImageFacts> read = new(StringComparer.Ordinal);

    /// <summary>Parses <c>REFERENCE=SOURCE</c>.</summary>
    public static IReadOnlyDictionary<string, string> Parse(IEnumerable<string> pairs)
    {
        Dictionary<string, string> places = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            int equals = pair.LastIndexOf('=');
            if (equals <= 0 || equals == pair.Length - 1 || !places.TryAdd(pair[..equals], pair[(equals + 1)..]))
            {
                throw new OwnerException($"--image {pair} is not REFERENCE=SOURCE, or names the image again");
            }
        }

        return places;
    }

    public async Task<ImageFacts> FindAsync(string reference, CancellationToken cancellation)
    {
        if (read.TryGetValue(reference, out ImageFacts? known))
        {
            return known;
        }

        string source = places.GetValueOrDefault(reference) ?? (pull ? $"docker://{reference}" : throw new OwnerException($"where is the image {reference}?",
            $"--image {reference}=SOURCE with an OCI layout, an archive, or docker://{reference}; or --pull for all of them"));
        return read[reference] = await ReadAsync(source, reference, null, cancellation);
    }

    /// <summary>Reads an image from a path, or from a registry.</summary>
    public static async Task<ImageFacts> ReadAsync(string source, string reference, string? tag, CancellationToken cancellation)
    {
        if (!source.StartsWith("docker://", StringComparison.Ordinal))
        {
            return await ImageFacts.ReadAsync(source, reference, tag, cancellation);
        }

        string folder = Directory.CreateTempSubdirectory("pavise-image-").FullName;
        try
        {
            string archive = Path.Combine(folder, "image.tar");
            await FetchAsync(source, archive, cancellation);
            return await ImageFacts.ReadAsync(archive, reference, null, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task FetchAsync(string source, string archive, CancellationToken cancellation)
    {
        ProcessStartInfo start = new("skopeo", ["copy", "--quiet", "--override-os", "linux", "--override-arch", "amd64", source, $"oci-archive:{archive}"]) { RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            string errors = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
            {
                throw new OwnerException($"skopeo could not fetch {source}: {errors.Trim()}");
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OwnerException($"{source} needs skopeo, which is not installed", "apt-get install skopeo; or give an OCI layout or archive", e);
        }
    }
}
