using System.CommandLine;
using Pavise.Owner.Broker;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;
using Pavise.Session;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb publish POLICY`: gives the broker a signed policy, for rules that ask for an owner's signature.</summary>
internal static class KbPublishCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> file = PolicyCommand.File();
        Option<string?> signature = new("--signature") { Description = "The signature's file [FILE.sig]." };
        Command command = new("publish", "Gives the broker a policy that an owner signed (pavise policy sign).") { file, signature };
        command.SetAction(async (parsed, cancellation) =>
        {
            string path = parsed.GetRequiredValue(file);
            PolicyDocument policy = PolicySourceFile.Read(path);
            string text = PolicyVerifyCommand.ReadSignature(parsed.GetValue(signature) ?? path + ".sig");
            await using AdminClient client = options.Open(parsed);
            await client.SendAsync("POST", "/admin/v1/policies", SessionJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteBase64String("document", policy.CanonicalBytes.Span);
                json.WriteString("signature", text);
                json.WriteEndObject();
            }), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{policy.Name} version {policy.Version}: published");
            return CommandLine.Done;
        });
        return command;
    }
}
