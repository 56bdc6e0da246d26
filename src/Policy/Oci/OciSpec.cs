namespace Pavise.Policy.Oci;

/// <summary>What the shield reads of the host's OCI configuration (OCI runtime specification 1.0 to 1.2, config.md). Everything else has no effect.</summary>
public sealed record OciSpec
{
    /// <summary>Parses raw config.json bytes, bounded and strict: duplicate keys, wrong types and oversized values are errors.</summary>
    /// <exception cref="OciFormatException">Says which field is malformed.</exception>
    public static OciSpec Parse(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}

/// <summary>An OCI process object (config.md, Process).</summary>
public sealed record OciProcess
{
    /// <summary>Parses a raw process object.</summary>
    /// <exception cref="OciFormatException">Says which field is malformed.</exception>
    public static OciProcess Parse(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}

/// <summary>An OCI linux.resources object (config-linux.md, Control groups).</summary>
public sealed record OciResources
{
    /// <summary>Parses a raw resources object.</summary>
    /// <exception cref="OciFormatException">Says which field is malformed.</exception>
    public static OciResources Parse(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}

/// <summary>Bytes from the host that are not the OCI object they should be.</summary>
public sealed class OciFormatException(string message) : Exception(message);
