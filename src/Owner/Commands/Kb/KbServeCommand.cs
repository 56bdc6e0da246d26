using System.CommandLine;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb serve FOLDER`: runs pavise-keybroker.</summary>
internal static class KbServeCommand
{
    internal static Command Create()
    {
        Argument<string> folder = new("FOLDER") { Description = "The broker's folder." };
        Command command = new("serve", "Runs the key broker until it is stopped.") { folder };
        command.SetAction((parsed, cancellation) => BrokerServer.RunAsync(["serve", Path.GetFullPath(parsed.GetRequiredValue(folder))], cancellation));
        return command;
    }
}
