namespace Pavise.Session.Extensions;

/// <summary>
/// A certificate of the mesh: <c>POST /kbs/v0/pavise/certificate</c> <c>{"request":base64 of a PKCS #10 request, DER}</c> answers
/// <c>{"certificate":base64 DER,"ca":base64 DER}</c>. The broker writes the workload's name itself; of the request it takes the key only.
/// </summary>
/// <param name="Certificate">The workload's certificate, DER.</param>
/// <param name="Authority">The CA's certificate, DER.</param>
public sealed record MeshCertificate(byte[] Certificate, byte[] Authority)
{
    /// <summary>Writes the request.</summary>
    public static byte[] WriteRequest(ReadOnlySpan<byte> request)
    {
        string text = Convert.ToBase64String(request);
        return SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("request", text);
            json.WriteEndObject();
        });
    }

    /// <summary>Reads the request: PKCS #10, DER.</summary>
    public static byte[] ParseRequest(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a certificate request", root => root.GetProperty("request").GetBytesFromBase64());

    /// <summary>Writes the answer.</summary>
    public byte[] Write() => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteBase64String("certificate", Certificate);
        json.WriteBase64String("ca", Authority);
        json.WriteEndObject();
    });

    /// <summary>Reads the answer.</summary>
    public static MeshCertificate Parse(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes, "a certificate", root =>
        new MeshCertificate(root.GetProperty("certificate").GetBytesFromBase64(), root.GetProperty("ca").GetBytesFromBase64()));
}
