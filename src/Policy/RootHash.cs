namespace Pavise.Policy;

/// <summary>SHA-256 dm-verity root hash of a root image. Written <c>verity-sha256:HEX</c>.</summary>
public readonly record struct RootHash
{
    private readonly string? hex;

    private RootHash(string hex) => this.hex = hex;

    /// <summary>64 lower-case hexadecimal digits; empty for the default value.</summary>
    public string Hex => hex ?? "";

    /// <summary>Takes the 32 raw bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static RootHash FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 32 ? new(Convert.ToHexStringLower(bytes)) : throw new ArgumentException($"a root hash has 32 bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>Reads <c>verity-sha256:HEX</c>.</summary>
    public static bool TryParse(string text, out RootHash hash)
    {
        hash = default;
        const string prefix = "verity-sha256:";
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || text.Length != prefix.Length + 64)
        {
            return false;
        }

        string digits = text[prefix.Length..];
        if (digits.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            return false;
        }

        hash = new(digits);
        return true;
    }

    /// <summary>The 32 raw bytes.</summary>
    public byte[] ToArray() => Convert.FromHexString(Hex);

    /// <inheritdoc/>
    public override string ToString() => $"verity-sha256:{Hex}";
}
