using Pavise.Attestation;
using Pavise.Owner.Policies;

namespace Pavise.Owner.Verification;

/// <summary>What a launch must bind: a Pavise policy's canonical bytes, or any other document's bytes as they are.</summary>
internal static class PolicyFile
{
    private const string Marker = "pavise.dev/";
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <exception cref="OwnerException">The file is missing, or a Pavise policy with mistakes.</exception>
    internal static (PolicyDigest Digest, string What) Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new OwnerException($"{file} does not exist");
        }

        if (new FileInfo(file).Length > MaxBytes)
        {
            throw new OwnerException($"{file} is longer than {MaxBytes} bytes");
        }

        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(Marker)) < 0)
        {
            return (PolicyDigest.OfPolicy(bytes), $"{bytes.Length} bytes of a document that is no Pavise policy, as they are");
        }

        Pavise.Policy.Model.PolicyDocument policy = PolicySourceFile.Read(file);
        return (PolicyDigest.OfPolicy(policy.CanonicalBytes.Span), $"policy {policy.Name}, version {policy.Version}");
    }
}
