using System.CommandLine;
using System.Text;
using Pavise.Owner.Broker;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb get RESOURCE`: reads a secret back; the audit says so.</summary>
internal static class KbGetCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> resource = KbCommand.Resource();
        Option<string?> output = new("--output", "-o") { Description = "The file to write, readable by this user only; standard output without it." };
        Command command = new("get", "Reads a secret back. The audit says so.") { resource, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using AdminClient client = options.Open(parsed);
            byte[] content = await client.SendAsync("GET", "/admin/v1/resource/" + KbCommand.Parse(parsed.GetRequiredValue(resource)).Path, null, cancellation);
            if (parsed.GetValue(output) is { } path)
            {
                await using FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                await file.WriteAsync(content, cancellation);
            }
            else if (ReferenceEquals(parsed.InvocationConfiguration.Output, Console.Out))
            {
                await using Stream standard = Console.OpenStandardOutput();
                await standard.WriteAsync(content, cancellation);
            }
            else
            {
                parsed.InvocationConfiguration.Output.Write(Encoding.UTF8.GetString(content));
            }

            return CommandLine.Done;
        });
        return command;
    }
}
