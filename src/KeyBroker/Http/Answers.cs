using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Http;

/// <summary>Answers: JSON with their length, never kept by anybody on the way.</summary>
internal static class Answers
{
    public static Task JsonAsync(HttpContext context, byte[] body, int status = StatusCodes.Status200OK) => SendAsync(context, status, "application/json", body);

    public static Task ProblemAsync(HttpContext context, int status, Problem problem) => SendAsync(context, status, Problem.MediaType, problem.Write(status));

    public static async Task SendAsync(HttpContext context, int status, string type, byte[] body)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
