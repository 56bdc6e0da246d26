using System.CommandLine;
using System.Net;
using Pavise.Owner.Broker;
using Pavise.Owner.Keys;

namespace Pavise.Owner.Commands.Kb;

/// <summary>`pavise kb init FOLDER`: a new broker that this owner administers.</summary>
internal static class KbInitCommand
{
    internal static Command Create(AdminOptions options)
    {
        Argument<string> folder = new("FOLDER") { Description = "Where the broker keeps everything." };
        Option<string> listen = new("--listen") { Description = "Where guests connect, ADDRESS:PORT.", DefaultValueFactory = _ => "127.0.0.1:8443" };
        Option<string> admin = new("--admin") { Description = "Where administrators connect, ADDRESS:PORT.", DefaultValueFactory = _ => "127.0.0.1:8444" };
        Option<string?> url = new("--url") { Description = "How guests reach it, https://HOST:PORT [from --listen]." };
        Option<string?> adminUrl = new("--admin-url") { Description = "How administrators reach it, https://HOST:PORT [from --admin]." };
        Option<string?> database = new("--database") { Description = "Where the broker keeps its database [broker.db in the folder]." };
        Option<bool> simulated = new("--simulated") { Description = "Accept the simulated evidence of machines without a TEE: proves nothing; rules must name sim besides." };
        Command command = new("init", "Makes a key broker: master key, TLS key, configuration with this owner as administrator.") { folder, listen, admin, url, adminUrl, database, simulated };
        command.SetAction(parsed =>
        {
            OwnerHome home = options.Home(parsed);
            OwnerIdentity owner = OwnerIdentity.Read(home);
            string path = Path.GetFullPath(parsed.GetRequiredValue(folder));
            string guests = Address(parsed.GetRequiredValue(listen)), administrators = Address(parsed.GetRequiredValue(admin));
            string pin = BrokerFolder.Create(path, guests, administrators, parsed.GetValue(database), parsed.GetValue(simulated), owner);
            BrokerProfile profile = new(parsed.GetValue(url) ?? $"https://{guests}", parsed.GetValue(adminUrl) ?? $"https://{administrators}", pin);
            profile.Write(home);
            TextWriter output = parsed.InvocationConfiguration.Output;
            output.WriteLine("attestation:");
            output.WriteLine($"  keyBroker: {{ url: \"{profile.Url}\", key: \"{pin}\" }}");
            parsed.InvocationConfiguration.Error.WriteLine($"start it with: pavise kb serve {path}");
            return CommandLine.Done;
        });
        return command;
    }

    private static string Address(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? end) && end.Port > 0 ? end.ToString() : throw new OwnerException($"{text} is not ADDRESS:PORT");
}
