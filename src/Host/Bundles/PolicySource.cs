using System.IO.Compression;
using Pavise.Boundary;
using Pavise.Host.Configuration;

namespace Pavise.Host.Bundles;

/// <summary>Where a container's policy comes from: annotation, a file in the bundle, the node's configuration; the first wins.</summary>
internal static class PolicySource
{
    public const string Annotation = "dev.pavise.policy";
    public const string FileName = "pavise-policy.json";

    /// <summary>The policy's canonical bytes, as they came: the guest compares them with the launch and parses them.</summary>
    /// <exception cref="HostException">There is none, or it cannot be decoded.</exception>
    public static byte[] Find(BundleConfig config, HostConfiguration configuration)
    {
        if (config.Annotations.TryGetValue(Annotation, out string? annotation))
        {
            return Decode(annotation);
        }

        string inBundle = Path.Combine(config.Bundle, FileName);
        if (File.Exists(inBundle))
        {
            return ReadFile(inBundle);
        }

        if (configuration.Policy is { Length: > 0 } configured)
        {
            return File.Exists(configured) ? ReadFile(configured) : throw new HostException($"the policy that --policy or the configuration names, {configured}, does not exist");
        }

        throw new HostException(
            $"this container has no policy, and without one nothing runs. The owner writes one (pavise policy check FILE), and it is given as the annotation {Annotation} "
            + $"(pavise policy annotation FILE), as {FileName} in the bundle (pavise policy compile FILE), by --policy before the command, or as 'policy' in {ConfigurationFile.DefaultPath}");
    }

    /// <summary>base64 of gzip of the canonical JSON, with bounded expansion.</summary>
    private static byte[] Decode(string annotation)
    {
        try
        {
            using GZipStream gzip = new(new MemoryStream(Convert.FromBase64String(annotation.Trim())), CompressionMode.Decompress);
            byte[] buffer = new byte[BoundaryLimits.PolicyBytes + 1];
            int length = gzip.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > BoundaryLimits.PolicyBytes ? throw TooLarge($"the annotation {Annotation}")
                : length > 0 ? buffer[..length]
                : throw new InvalidDataException("empty");
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw new HostException($"the annotation {Annotation} is not base64 of gzip; make it with: pavise policy annotation FILE", e);
        }
    }

    private static byte[] ReadFile(string path) => new FileInfo(path).Length <= BoundaryLimits.PolicyBytes ? File.ReadAllBytes(path) : throw TooLarge(path);

    private static HostException TooLarge(string what) => new($"{what} holds a policy of more than {BoundaryLimits.PolicyBytes} bytes, which no guest accepts");
}
