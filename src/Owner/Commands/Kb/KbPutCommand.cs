using System.CommandLine;
using System.Security.Cryptography;
using Pavise.Owner.Broker;
using Pavise.Session;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb put RESOURCE [FILE]`: a secret, from a file, from standard input, or made here.</summary>
internal static class KbPutCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> resource = KbCommand.Resource();
        Argument<string?> file = new("FILE") { Description = "The content; - for standard input.", Arity = ArgumentArity.ZeroOrOne };
        Option<int?> random = new("--random") { Description = "Make so many random bytes instead; nobody sees them." };
        Command command = new("put", "Puts a secret; an existing one gets a new version, and counted releases count anew.") { resource, file, random };
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is null == result.GetValue(random) is null || result.GetValue(random) is < 1 or > SessionLimits.ResourceBytes)
            {
                result.AddError($"Give either FILE or --random 1 to {SessionLimits.ResourceBytes}.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            ResourceUri uri = KbCommand.Parse(parsed.GetRequiredValue(resource));
            byte[] content = parsed.GetValue(random) is { } bytes ? RandomNumberGenerator.GetBytes(bytes) : await OwnerInput.ReadAsync(parsed.GetRequiredValue(file)!, cancellation);
            await using AdminClient client = options.Open(parsed);
            long version = await client.JsonAsync("PUT", "/admin/v1/resource/" + uri.Path, content, root => root.GetProperty("version").GetInt64(), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{uri}: {content.Length} bytes, version {version}");
            return CommandLine.Done;
        });
        return command;
    }
}
