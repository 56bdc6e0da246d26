using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Pavise.Session;
using Pavise.Session.Jose;
using Pavise.Session.Sealed;

namespace Pavise.Guest.Secrets;

/// <summary>
/// Opens sealed values that the host brings. Everything that is used was named by the policy and released before: the host's text chooses among the resources of its
/// place, and only if an owner who may seal signed it for exactly that place.
/// </summary>
internal sealed class SealedValues
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly string policy;
    private readonly Lazy<ImmutableArray<JwtKey>> owners;

    /// <param name="document">The bound policy.</param>
    public SealedValues(PolicyDocument document)
    {
        policy = document.Name;
        owners = new(() => [.. document.Owners.Where(o => o.May.Contains("seal")).Select(o => Key(o.SignKey))]);
    }

    /// <summary>For policies without sealed values, and unshielded mode: opens nothing.</summary>
    public static SealedValues None { get; } = new();

    private SealedValues() => (policy, owners) = ("", new(() => []));

    /// <summary>The variables of a container that are sealed, open: name to NAME=value.</summary>
    /// <exception cref="InvalidDataException">One does not open: nothing is created.</exception>
    public ImmutableDictionary<string, string> Variables(ContainerPlan plan, ReleasedSecrets released)
    {
        ImmutableDictionary<string, string>.Builder open = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (SealedVariablePlan variable in plan.SealedVariables)
        {
            string given = plan.Process.Env.First(e => IsOf(e, variable.Name))[(variable.Name.Length + 1)..];
            byte[] value = Open(given, new(policy, plan.Entry, variable.Name, ""), variable.Resources, released);
            open.Add(variable.Name, $"{variable.Name}={Text(value, variable.Name)}");
        }

        return open.ToImmutable();
    }

    /// <summary>An environment with the opened values in their places.</summary>
    public static ImmutableArray<string> Replace(ImmutableArray<string> environment, IEnumerable<string> names, ImmutableDictionary<string, string> open)
    {
        HashSet<string> replaced = [.. names];
        return replaced.Count == 0 ? environment
            : [.. environment.Select(e => e[..e.IndexOf('=', StringComparison.Ordinal)] is var name && replaced.Contains(name) ? open[name] : e)];
    }

    /// <summary>The content of a file that came sealed.</summary>
    /// <exception cref="InvalidDataException">It does not open: the container does not start.</exception>
    public byte[] File(string entry, string path, ReadOnlySpan<byte> content, SealedFilePlan plan, ReleasedSecrets released)
    {
        SealedPlace place = new(policy, entry, "", path);
        return Open(Ascii(content, place), place, plan.Resources, released);
    }

    private byte[] Open(string text, SealedPlace place, ImmutableArray<string> permitted, ReleasedSecrets released)
    {
        try
        {
            SealedContent content = SealedText.Read(text, owners.Value);
            if (content.Place != place)
            {
                throw new SessionFormatException($"it was sealed for another place, {content.Place}");
            }

            if (!permitted.Contains(content.Resource.ToString()))
            {
                throw new SessionFormatException($"the policy does not let it use {content.Resource}");
            }

            ReadOnlyMemory<byte> resource = released.Get(content.Resource.ToString());
            return content.Envelope is { } envelope ? envelope.Decrypt(place, content.Resource, resource.Span) : resource.ToArray();
        }
        catch (Exception e) when (e is SessionFormatException or CryptographicException or InvalidDataException)
        {
            throw new InvalidDataException($"the sealed value for {place} does not open: {e.Message}");
        }
    }

    private static bool IsOf(string assignment, string name) => assignment.Length > name.Length && assignment[name.Length] == '=' && assignment.StartsWith(name, StringComparison.Ordinal);

    private static string Ascii(ReadOnlySpan<byte> content, SealedPlace place) =>
        System.Text.Ascii.IsValid(content) ? Encoding.ASCII.GetString(content) : throw new InvalidDataException($"the sealed value for {place} does not open: it is no sealed text");

    private static string Text(byte[] value, string name)
    {
        try
        {
            return value.Length <= ReleasedSecrets.VariableBytes && !value.AsSpan().Contains((byte)0) ? Strict.GetString(value) : throw new InvalidDataException(NoText(name));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException(NoText(name));
        }
    }

    private static string NoText(string name) => $"the value that was sealed for the variable {name} is no text that a variable can hold: give it as a file";

    private static JwtKey Key(string signKey)
    {
        ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(signKey), out _);
        return JwtKey.Of(key);
    }
}
