using System.CommandLine;
using Pavise.Owner.Keys;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Jose;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy verify FILE`: whether a signature is an owner's over these canonical bytes.</summary>
internal static class PolicyVerifyCommand
{
    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Option<string?> signature = new("--signature") { Description = "The signature's file [FILE.sig]." };
        Option<string[]> keys = new("--key") { Description = "A signing key (SubjectPublicKeyInfo, base64) that may have signed; this owner's without it.", AllowMultipleArgumentsPerToken = false };
        Option<string?> config = OwnerHome.Option();
        Command command = new("verify", "Verifies an owner's signature over a policy. The key is given or the owner's own, never the policy's.") { file, signature, keys, config };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            PolicyDocument policy = PolicySourceFile.Read(path);
            List<byte[]> trusted = [.. (parsed.GetValue(keys) ?? []).Select(Decode)];
            JwtKey[] verifiers = [.. (trusted.Count > 0 ? trusted : [OwnerIdentity.Read(OwnerHome.Of(parsed, config)).SignKey]).Select(OwnerIdentity.Verifier)];
            try
            {
                DetachedSignature.Verify(ReadSignature(parsed.GetValue(signature) ?? path + ".sig"), policy.CanonicalBytes.Span, verifiers, DetachedSignature.PolicyType);
            }
            catch (SessionFormatException e)
            {
                throw new OwnerException($"not verified: {e.Message}", null, e);
            }

            parsed.InvocationConfiguration.Output.WriteLine($"verified: {policy.Name} version {policy.Version}, sha256:{Convert.ToHexStringLower(policy.Sha256())}");
            return CommandLine.Done;
        });
        return command;
    }

    internal static string ReadSignature(string path)
    {
        FileInfo found = new(path);
        return !found.Exists ? throw new OwnerException($"{path} does not exist", "make it with: pavise policy sign")
            : found.Length > SessionLimits.TokenChars ? throw new OwnerException($"{path} is too long for a signature")
            : System.IO.File.ReadAllText(path).Trim();
    }

    private static byte[] Decode(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw new OwnerException("--key must be base64 of a SubjectPublicKeyInfo, as policies write signKey", null, e);
        }
    }
}
