using Pavise.KeyBroker.Guests;
using Pavise.Session;

namespace Pavise.KeyBroker.Http;

/// <summary>What a handler throws becomes an answer: a malformed request is told why, anything else only that it failed here.</summary>
internal sealed partial class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (SessionFormatException e) when (!context.Response.HasStarted)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status400BadRequest, Problems.Malformed(e.Message));
        }
        catch (BusyException) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "1";
            await Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, Problems.Busy);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Answers.ProblemAsync(context, e.StatusCode, Problems.Malformed("the request is not HTTP as it should be"));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The peer went away.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Failed(log, context.Request.Method, context.Request.Path, e);
            await Answers.ProblemAsync(context, StatusCodes.Status500InternalServerError, Problems.Of("internal", "the broker could not do it; its log says why"));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Failed(ILogger logger, string method, string path, Exception e);
}
