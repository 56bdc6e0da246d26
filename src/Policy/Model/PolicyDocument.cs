namespace Pavise.Policy.Model;

/// <summary>A policy as the guest believes it: parsed from canonical JSON, checked, with its rules compiled.</summary>
public sealed class PolicyDocument
{
    /// <summary>Whether the host hears rule, reason and hint of a refusal.</summary>
    public bool ErrorsDetailed => throw new NotImplementedException();

    /// <summary>Parses canonical JSON (RFC 8785). Bytes that are not in canonical form, an unknown key, a value out of range: refused.</summary>
    /// <exception cref="PolicyFormatException">Says what is wrong and where.</exception>
    public static PolicyDocument ParseCanonical(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}
