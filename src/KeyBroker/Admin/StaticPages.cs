using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Http;

namespace Pavise.KeyBroker.Admin;

/// <summary>The status page and the OpenAPI document, out of the program itself. The page loads nothing from anywhere else.</summary>
internal static class StaticPages
{
    private static readonly byte[] Page = Load("Status.status.html"), Style = Load("Status.status.css"), Script = Load("Status.status.js"), Api = Load("OpenApi.openapi.json");

    public static Task StatusPageAsync(HttpContext context, Administrator administrator)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";
        return Answers.SendAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", Page);
    }

    public static Task StyleAsync(HttpContext context, Administrator administrator) => Answers.SendAsync(context, StatusCodes.Status200OK, "text/css; charset=utf-8", Style);

    public static Task ScriptAsync(HttpContext context, Administrator administrator) => Answers.SendAsync(context, StatusCodes.Status200OK, "text/javascript; charset=utf-8", Script);

    public static Task OpenApiAsync(HttpContext context) => Answers.SendAsync(context, StatusCodes.Status200OK, "application/json", Api);

    private static byte[] Load(string name)
    {
        using Stream stream = typeof(StaticPages).Assembly.GetManifestResourceStream($"Pavise.KeyBroker.{name}") ?? throw new InvalidOperationException($"{name} is not in the program");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
