using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands;

/// <summary>`pavise policy digest FILE`: what the launch binds.</summary>
internal static class PolicyDigestCommand
{
    internal static Command Create()
    {
        Argument<string> file = PolicyCommand.File();
        Command command = new("digest", "Prints the digests that a launch binds: SHA-256 (SNP HOST_DATA) and SHA-384 (TDX MRCONFIGID).") { file };
        command.SetAction(parsed =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(file));
            parsed.InvocationConfiguration.Output.WriteLine($"sha256:{Convert.ToHexStringLower(policy.Sha256())}");
            parsed.InvocationConfiguration.Output.WriteLine($"sha384:{Convert.ToHexStringLower(policy.Sha384())}");
            return CommandLine.Done;
        });
        return command;
    }
}
