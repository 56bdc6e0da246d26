using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Guests;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Http;

/// <summary>How much one address may ask: attestation costs signatures and audit entries, so it has its own, lower limit.</summary>
internal static class RateLimits
{
    public static void Set(RateLimiterOptions options, BrokerConfiguration configuration)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = "1";
            await Answers.ProblemAsync(rejected.HttpContext, StatusCodes.Status429TooManyRequests, Problems.Busy);
        };
        options.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(c => Bucket("all " + Source.Of(c), configuration.RequestsPerSecond)),
            PartitionedRateLimiter.Create<HttpContext, string>(c => c.Request.Path.Value is BrokerPaths.Auth or BrokerPaths.Attest
                ? Bucket("attest " + Source.Of(c), 2 * configuration.AttestationsPerSecond)
                : RateLimitPartition.GetNoLimiter("")));
    }

    private static RateLimitPartition<string> Bucket(string key, int perSecond) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = 2 * perSecond,
        TokensPerPeriod = Math.Max(1, perSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = 0,
        AutoReplenishment = true,
    });
}
