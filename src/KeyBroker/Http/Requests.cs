using Pavise.Session;

namespace Pavise.KeyBroker.Http;

/// <summary>Reading of requests, bounded before a byte is read where the length is told, and while reading where it is not.</summary>
internal static class Requests
{
    /// <exception cref="SessionFormatException">The body is longer.</exception>
    /// <exception cref="BusyException">The bodies of all requests together are too long just now.</exception>
    public static async Task<byte[]> BodyAsync(HttpContext context, int most)
    {
        if (context.Request.ContentLength > most)
        {
            throw TooLong(most);
        }

        // Grows with what really comes: an announced length is no reason to take memory.
        using MemoryStream body = new();
        BodyBudget.Share share = BodyBudget.Shared.Open();
        context.Response.RegisterForDispose(share);
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > most)
            {
                throw TooLong(most);
            }

            if (!share.Take(read))
            {
                throw new BusyException("the requests that are being read take as much memory as all may");
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    /// <summary>The resource that the route names.</summary>
    /// <exception cref="SessionFormatException">Its parts are not of the permitted form.</exception>
    public static ResourceUri Resource(HttpContext context) => ResourceUri.Create(Part(context, "repository"), Part(context, "type"), Part(context, "tag"));

    private static string Part(HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";

    private static SessionFormatException TooLong(int most) => new($"the request's body has at most {most} bytes");
}
