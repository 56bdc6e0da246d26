using System.Text;
using System.Text.RegularExpressions;
using Pavise.Attestation;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Sessions;

/// <summary>What a policy calls itself.</summary>
internal sealed record PolicyName(string Name, long Version);

/// <summary>
/// The document that a guest says its launch binds: a Pavise policy (canonical JSON), or Confidential Containers' initdata (TOML or JSON, whose own
/// <c>algorithm</c> names the digest). The digest covers the raw bytes that were sent; that the launch really binds it is the check <c>policy-digest</c>.
/// </summary>
internal sealed partial class BoundDocument
{
    private BoundDocument(PolicyDigest digest, PolicyName? policy) => (Digest, Policy) = (digest, policy);

    public PolicyDigest Digest { get; }

    /// <summary>The policy's name, where the document is one. The document itself, up to 1 MiB, is not kept.</summary>
    public PolicyName? Policy { get; }

    /// <exception cref="SessionFormatException">It is neither.</exception>
    public static BoundDocument Read(InitData init)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(init.Body);
        switch (init.Format)
        {
            case "json" when Algorithm(JsonAlgorithm(), init.Body) is { } algorithm && !init.Body.Contains("\"pavise.dev/v1\"", StringComparison.Ordinal):
            case "toml" when (algorithm = Algorithm(TomlAlgorithm(), Head(init.Body))) is not null:
                return new(PolicyDigest.OfInitdata(HashNames.Digest(algorithm.Replace("-", "", StringComparison.Ordinal), bytes)), null);
            case "toml":
                throw new SessionFormatException("init-data must begin with algorithm = \"sha256\", \"sha384\" or \"sha512\" before its first table");
            case "json":
                try
                {
                    PolicyDocument policy = PolicyDocument.ParseCanonical(bytes);
                    return new(PolicyDigest.OfPolicy(bytes), new(policy.Name, policy.Version));
                }
                catch (PolicyFormatException e)
                {
                    throw new SessionFormatException($"init-data is not a policy: {e.Message}");
                }

            default:
                throw new SessionFormatException("format of init-data must be json or toml");
        }
    }

    // What stands before the first table: a line that begins with a bracket.
    private static string Head(string toml)
    {
        int table = FirstTable().Match(toml) is { Success: true } match ? match.Index : toml.Length;
        return toml[..table];
    }

    private static string? Algorithm(Regex pattern, string text) => pattern.Match(text) is { Success: true } match ? match.Groups[1].Value.ToLowerInvariant() : null;

    [GeneratedRegex("""^[ \t]*algorithm[ \t]*=[ \t]*["'](sha-?256|sha-?384|sha-?512)["']""", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TomlAlgorithm();

    [GeneratedRegex("""^[ \t]*\[""", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FirstTable();

    [GeneratedRegex("""["]algorithm["]\s*:\s*["](sha-?256|sha-?384|sha-?512)["]""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex JsonAlgorithm();
}
