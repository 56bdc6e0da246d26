namespace Pavise.Policy.Oci;

/// <summary>Bytes from the host that are not the OCI object they should be.</summary>
public sealed class OciFormatException(string message) : Exception(message);
