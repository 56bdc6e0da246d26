using System.Net;
using Pavise.Attestation.Collateral;

namespace Pavise.Collateral;

/// <summary>Gets from a vendor's service with a bound on the answer. The connection needs no trust: everything that is fetched is signed.</summary>
internal sealed class BoundedHttp(HttpClient client, string service)
{
    /// <returns>The answer's body, and a function that gives a header's value or null.</returns>
    public async Task<(byte[] Body, Func<string, string?> Header)> GetAsync(Uri address, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                string hint = response.StatusCode == HttpStatusCode.TooManyRequests ? ": it limits requests; wait, or use a cache" : "";
                throw new CollateralException($"{service} answered {(int)response.StatusCode} to {address.PathAndQuery}{hint}");
            }

            byte[] body = await ReadAsync(response, address, cancellation);
            Dictionary<string, string> headers = response.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase);
            return (body, headers.GetValueOrDefault);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new CollateralException($"{service} cannot be asked for {address}: {e.Message}", e);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, Uri address, CancellationToken cancellation)
    {
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        using MemoryStream body = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > CollateralLimits.FileBytes)
            {
                throw new CollateralException($"{service} answered more than {CollateralLimits.FileBytes} bytes to {address.PathAndQuery}");
            }
        }

        return body.ToArray();
    }
}
