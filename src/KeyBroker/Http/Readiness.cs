using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Store;

namespace Pavise.KeyBroker.Http;

/// <summary><c>/readyz</c>: whether the store can be read and written.</summary>
internal static class Readiness
{
    public static async Task HandleAsync(HttpContext context, IBrokerStore store)
    {
        try
        {
            await store.ChangeAsync(change => change.Setting("data-key") is not null).WaitAsync(TimeSpan.FromSeconds(5), context.RequestAborted);
            await Answers.JsonAsync(context, "{\"status\":\"ready\"}"u8.ToArray());
        }
        catch (Exception e) when (e is TimeoutException or ObjectDisposedException or System.Data.Common.DbException)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, Problems.Of("not-ready", "the store cannot be written"));
        }
    }
}
