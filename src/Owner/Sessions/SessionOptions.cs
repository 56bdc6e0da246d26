using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Owner.Keys;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Sessions;

/// <summary>Which pVM, through what, as whom: what every session command has.</summary>
internal sealed class SessionOptions
{
    private readonly Option<string?> container = new("--container", "-c") { Description = "The container's name in the policy; needed where it has several." };
    private readonly Option<string?> space = new("--namespace", "-n") { Description = "kubectl's namespace." };
    private readonly Option<string?> via = new("--via") { Description = "A command that carries standard streams, such as 'docker exec -i' or 'ssh node ctr task exec --exec-id {id}'; the pod's name and pavise-session follow [kubectl exec -i]." };
    private readonly Option<string?> home = OwnerHome.Option();
    private readonly Option<string?> password = OwnerKeys.PasswordOption();
    private readonly OriginOptions origin = new();

    public SessionOptions(Command command)
    {
        foreach (Option option in (Option[])[container, space, via, home, password])
        {
            command.Options.Add(option);
        }

        origin.AddTo(command);
    }

    public string Container(ParseResult parsed) => parsed.GetValue(container) ?? "";

    /// <summary>Connects. Nothing is sent before the pVM's evidence holds.</summary>
    /// <exception cref="OwnerException">No session came about; the message names what failed.</exception>
    public async Task<SessionClient> ConnectAsync(ParseResult parsed, string pod, CancellationToken cancellation)
    {
        OwnerHome folder = OwnerHome.Of(parsed, home);
        Origin judge = origin.Read(parsed, folder);
        using ECDsa key = OwnerKeys.SignKey(folder, OwnerKeys.Password(parsed, password));
        using X509Certificate2 certificate = SessionTls.CreateOwnerCertificate(key);
        return await GuardAsync(() => SessionClient.ConnectAsync(Carrier.Start(Command(parsed, pod)), certificate, judge, TimeProvider.System, cancellation));
    }

    /// <summary>Runs a part of a session; what goes wrong is told as of any command.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> part)
    {
        try
        {
            return await part();
        }
        catch (SessionOriginException e)
        {
            throw new OwnerException($"this is not a pVM that you accept, and nothing was sent to it: {e.Message}", "expectations: options of `pavise verify`, or expect.json in the owner's folder", e);
        }
        catch (SessionRefusedException e)
        {
            string decision = e.Refusal.Decision.Length > 0 ? $", decision {e.Refusal.Decision}" : "";
            throw new OwnerException($"refused{decision}: {e.Refusal.Reason}{(e.Refusal.Rule.Length > 0 ? $" (rule {e.Refusal.Rule})" : "")}", e.Refusal.Hint.Length > 0 ? e.Refusal.Hint : null, e);
        }
        catch (SessionException e)
        {
            throw new OwnerException(e.Message, null, e);
        }
    }

    /// <summary>The carrier's command line.</summary>
    internal static IReadOnlyList<string> Command(string? via, string? space, string? container, string pod)
    {
        if (via is null)
        {
            return [Environment.GetEnvironmentVariable("KUBECTL") is { Length: > 0 } set ? set : "kubectl", "exec", "-i", .. space is null ? [] : new[] { "-n", space }, pod, .. container is null ? [] : new[] { "-c", container }, "--", Carrier.Program];
        }

        string[] words = [.. via.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Replace("{id}", $"pavise-{Guid.NewGuid():N}", StringComparison.Ordinal).Replace("{pod}", pod, StringComparison.Ordinal))];
        return words.Length == 0 ? throw new OwnerException("--via is empty")
            : words[^1] == Carrier.Program ? words
            : via.Contains("{pod}", StringComparison.Ordinal) ? [.. words, Carrier.Program]
            : [.. words, pod, Carrier.Program];
    }

    private IReadOnlyList<string> Command(ParseResult parsed, string pod) => Command(parsed.GetValue(via), parsed.GetValue(space), parsed.GetValue(container), pod);
}
