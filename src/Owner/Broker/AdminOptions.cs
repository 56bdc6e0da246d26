using System.CommandLine;
using System.Security.Cryptography;
using Pavise.Owner.Keys;
using Pavise.Session;
using Pavise.Session.Client;

namespace Pavise.Owner.Broker;

/// <summary>What every command to a broker knows: the owner's folder and password, and which broker.</summary>
internal sealed class AdminOptions
{
    private readonly Option<string?> _config = OwnerHome.Option();
    private readonly Option<string?> _password = OwnerKeys.PasswordOption();
    private readonly Option<string?> _broker = new("--broker") { Description = "The broker's admin URL, instead of the known one.", Recursive = true };
    private readonly Option<string?> _pin = new("--pin") { Description = "The broker's key (spki-sha256:…), with --broker.", Recursive = true };

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_password);
        command.Options.Add(_broker);
        command.Options.Add(_pin);
    }

    public OwnerHome Home(ParseResult parsed) => OwnerHome.Of(parsed, _config);

    public string? Password(ParseResult parsed) => OwnerKeys.Password(parsed, _password);

    public AdminClient Open(ParseResult parsed)
    {
        OwnerHome home = Home(parsed);
        using ECDsa key = OwnerKeys.SignKey(home, Password(parsed));
        return new(Endpoint(parsed, home), OwnerIdentity.Read(home).Name, key);
    }

    private BrokerEndpoint Endpoint(ParseResult parsed, OwnerHome home)
    {
        try
        {
            return parsed.GetValue(_broker) is { } url
                ? BrokerEndpoint.Parse(url, parsed.GetValue(_pin) ?? BrokerProfile.Read(home).Pin)
                : BrokerProfile.Read(home).Admin;
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException(e.Message, null, e);
        }
    }
}
