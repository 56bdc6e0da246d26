using System.CommandLine;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb rewrap FOLDER NEW-KEY-FILE`: another master key.</summary>
internal static class KbRewrapCommand
{
    internal static Command Create()
    {
        Argument<string> folder = new("FOLDER") { Description = "The folder of a broker that does not run." };
        Argument<string> key = new("NEW-KEY-FILE") { Description = "32 bytes as base64, mode 0600." };
        Command command = new("rewrap", "Seals the store under another master key.") { folder, key };
        command.SetAction((parsed, cancellation) =>
            BrokerServer.RunAsync(["rewrap", Path.GetFullPath(parsed.GetRequiredValue(folder)), Path.GetFullPath(parsed.GetRequiredValue(key))], cancellation));
        return command;
    }
}
