using System.CommandLine;
using Pavise.Owner.Broker;
using Pavise.Session;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb`: the owner's key broker.</summary>
internal static class KbCommand
{
    internal static Command Create()
    {
        AdminOptions options = new();
        Command command = new("kb", "The key broker: keeps secrets and releases them to attested guests.")
        {
            KbInitCommand.Create(options),
            KbServeCommand.Create(),
            KbPutCommand.Create(options),
            KbGetCommand.Create(options),
            KbListCommand.Create(options),
            KbDeleteCommand.Create(options),
            KbAllowCommand.Create(options),
            KbRevokeCommand.Create(options),
            KbRulesCommand.Create(options),
            KbPublishCommand.Create(options),
            KbStatusCommand.Create(options),
            KbAuditCommand.Create(options),
            KbRewrapCommand.Create(),
        };
        options.AddTo(command);
        return command;
    }

    internal static Argument<string> Resource() => new("RESOURCE") { Description = "kbs:///repository/type/tag, or repository/type/tag." };

    internal static ResourceUri Parse(string text)
    {
        try
        {
            return ResourceUri.Parse(text);
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException(e.Message, null, e);
        }
    }

    internal static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
