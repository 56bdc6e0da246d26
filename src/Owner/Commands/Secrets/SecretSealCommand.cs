using System.CommandLine;
using System.Security.Cryptography;
using Pavise.Owner.Broker;
using Pavise.Owner.Commands.Kb;
using Pavise.Owner.Keys;
using Pavise.Owner.Policies;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Jose;
using Pavise.Session.Sealed;

namespace Pavise.Owner.Commands.Secrets;

/// <summary>`pavise secret seal POLICY [FILE]`: prints the text that goes into a Kubernetes Secret, an environment variable or Git.</summary>
internal static class SecretSealCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> policyFile = new("POLICY") { Description = "The policy, YAML or JSON." };
        Argument<string?> value = new("FILE") { Description = "The value, which is encrypted into the text; - for standard input. Without it the text refers to the resource, whose content is the value.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> container = new("--container") { Description = "The container [the only one]." };
        Option<string?> variable = new("--env") { Description = "The variable that gets the value." };
        Option<string?> file = new("--file") { Description = "The path of the mount that gets the value." };
        Option<string?> resource = new("--resource") { Description = "The resource that holds the key, or the value [the only one that the policy permits there]." };
        Option<string?> key = new("--key-file") { Description = "The content of the key's resource, 32 bytes [asked of the key broker]." };
        Command command = new("seal", "Seals a value for one place of a policy, and prints the text.") { policyFile, value, container, variable, file, resource, key };
        command.Validators.Add(result =>
        {
            if (result.GetValue(variable) is null == result.GetValue(file) is null)
            {
                result.AddError("Give either --env or --file: the place that gets the value.");
            }

            if (result.GetValue(key) is not null && result.GetValue(value) is null)
            {
                result.AddError("--key-file is for a value, and there is none.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(policyFile));
            ResourceUri? asked = parsed.GetValue(resource) is { } name ? KbCommand.Parse(name) : null;
            (SealedPlace place, ResourceUri uri) = SealedPlaces.Find(policy, parsed.GetValue(container), parsed.GetValue(variable), parsed.GetValue(file), asked);
            OwnerIdentity identity = OwnerIdentity.Read(options.Home(parsed));
            if (!policy.Owners.Any(o => o.May.Contains("seal") && o.SignKey == Convert.ToBase64String(identity.SignKey)))
            {
                throw new OwnerException($"the policy names no owner with the key of {identity.Name} who may: [seal]", "pavise owner show prints what the policy has to name");
            }

            using ECDsa owner = OwnerKeys.SignKey(options.Home(parsed), options.Password(parsed));
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(value) is { } path
                ? Envelop(JwtKey.Of(owner), place, uri, await KeyAsync(options, parsed, parsed.GetValue(key), uri, cancellation), await OwnerInput.ReadAsync(path, cancellation))
                : SealedText.Refer(JwtKey.Of(owner), place, uri));
            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<byte[]> KeyAsync(AdminOptions options, ParseResult parsed, string? file, ResourceUri uri, CancellationToken cancellation)
    {
        if (file is not null)
        {
            return await OwnerInput.ReadAsync(file, cancellation);
        }

        await using AdminClient client = options.Open(parsed);
        return await client.SendAsync("GET", "/admin/v1/resource/" + uri.Path, null, cancellation);
    }

    private static string Envelop(JwtKey owner, SealedPlace place, ResourceUri resource, byte[] key, byte[] value)
    {
        try
        {
            return SealedText.Envelop(owner, place, resource, key, value);
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException(e.Message, $"pavise kb put {resource} --random 32 makes a key", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
