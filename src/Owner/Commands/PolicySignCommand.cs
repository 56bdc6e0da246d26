using System.CommandLine;
using System.Security.Cryptography;
using Pavise.Owner.Keys;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;
using Pavise.Session.Jose;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy sign FILE`: the owner's signature over the canonical bytes, in a file beside it.</summary>
internal static class PolicySignCommand
{
    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Option<string?> output = new("--output", "-o") { Description = "The signature's file [FILE.sig]." };
        Option<string?> config = OwnerHome.Option(), password = OwnerKeys.PasswordOption();
        Command command = new("sign", "Signs a policy with the owner's key (JWS, detached, over the canonical bytes).") { file, output, config, password };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            string target = parsed.GetValue(output) ?? (path == "-" ? throw new OwnerException("a policy from standard input has no name", "say where the signature goes: --output") : path + ".sig");
            PolicyDocument policy = PolicySourceFile.Read(path);
            OwnerHome home = OwnerHome.Of(parsed, config);
            using ECDsa key = OwnerKeys.SignKey(home, OwnerKeys.Password(parsed, password));
            System.IO.File.WriteAllText(target, DetachedSignature.Sign(JwtKey.Of(key), policy.CanonicalBytes.Span, DetachedSignature.PolicyType) + "\n");
            parsed.InvocationConfiguration.Output.WriteLine($"{target}: {policy.Name} version {policy.Version}, signed by {OwnerIdentity.Read(home).Name}");
            return CommandLine.Done;
        });
        return command;
    }
}
