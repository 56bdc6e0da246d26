using System.CommandLine;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Secrets;

/// <summary>`pavise secret`: values that the host carries and cannot read.</summary>
internal static class SecretCommand
{
    internal static Command Create()
    {
        AdminOptions options = new();
        Command command = new("secret", "Sealed values: for Git and Kubernetes Secrets; only the guest of the policy opens them.") { SecretSealCommand.Create(options) };
        options.AddTo(command);
        return command;
    }
}
