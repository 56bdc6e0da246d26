using System.Collections.Immutable;
using System.Text;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Secrets;

/// <summary>What the key broker released to this boot, by resource. It is in guest memory only.</summary>
/// <param name="values">Resource (kbs:///repository/type/tag) to content.</param>
/// <param name="refused">Resources that only sealed values use and that were not released, with the reason.</param>
internal sealed class ReleasedSecrets(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> values, IReadOnlyDictionary<string, string>? refused = null)
{
    /// <summary>The longest value of a variable: the kernel's limit of one string is 128 KiB (execve(2)).</summary>
    internal const int VariableBytes = (128 * 1024) - 1;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>For policies without secrets.</summary>
    public static ReleasedSecrets None { get; } = new(new Dictionary<string, ReadOnlyMemory<byte>>());

    /// <summary>The content of a secret.</summary>
    /// <exception cref="InvalidDataException">It was not released: nothing starts without it.</exception>
    public ReadOnlyMemory<byte> this[SecretPlan secret] => Get(secret.Resource);

    /// <summary>The content of a resource.</summary>
    /// <exception cref="InvalidDataException">It was not released.</exception>
    public ReadOnlyMemory<byte> Get(string resource) => values.TryGetValue(resource, out ReadOnlyMemory<byte> value) ? value
        : throw new InvalidDataException($"{resource} was not released{(refused?.GetValueOrDefault(resource) is { } why ? $": {why}" : "")}");

    /// <summary>A process's variables with those that are secrets, sorted by name. The plan sees to it that no name comes twice.</summary>
    /// <exception cref="InvalidDataException">A secret is missing, or is no text that a variable can hold.</exception>
    public ImmutableArray<string> Environment(ImmutableArray<string> variables, ImmutableArray<SecretPlan> secrets) => secrets.All(s => s.Variable.Length == 0) ? variables :
    [
        .. variables.Concat(secrets.Where(s => s.Variable.Length > 0).Select(s => $"{s.Variable}={Text(s)}")).OrderBy(v => v[..v.IndexOf('=', StringComparison.Ordinal)], StringComparer.Ordinal),
    ];

    private string Text(SecretPlan secret)
    {
        ReadOnlyMemory<byte> value = this[secret];
        try
        {
            return value.Length <= VariableBytes && !value.Span.Contains((byte)0) ? Strict.GetString(value.Span) : throw new InvalidDataException(NoText(secret));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException(NoText(secret));
        }
    }

    private static string NoText(SecretPlan secret) => $"the secret {secret.Resource} is no text that the variable {secret.Variable} can hold: give it as a file";
}
