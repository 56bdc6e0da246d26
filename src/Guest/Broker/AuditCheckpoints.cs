using System.Security.Cryptography;
using Pavise.Session;
using Pavise.Session.Client;
using Pavise.Session.Extensions;

namespace Pavise.Guest.Broker;

/// <summary>
/// Leaves the head of the audit with the key broker: after the binding, then where it has changed since, and at the end. Who later shows another audit of this boot,
/// or a shorter one, is found out. A head that does not reach the broker stops nothing: what was decided stands, and the next head covers it.
/// </summary>
/// <param name="broker">The key broker.</param>
/// <param name="head">Where the audit stands.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditCheckpoints(IBroker broker, Func<AuditHead> head, TimeProvider time)
{
    /// <summary>How often it is looked at: often enough that little is uncovered when the host stops the pVM, rarely enough to cost nothing.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private AuditHead? last;

    /// <summary>Runs until it is told to end.</summary>
    public async Task RunAsync(CancellationToken ending)
    {
        try
        {
            while (true)
            {
                await LeaveAsync(ending);
                await Task.Delay(Interval, time, ending);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The last head is left by who ends this.
        }
    }

    /// <summary>Leaves the head, if it is another than the broker has.</summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        AuditHead now = head();
        if (now == last)
        {
            return;
        }

        using CancellationTokenSource late = new(LongestWait, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            await broker.CheckpointAsync(now, either.Token);
            last = now;
        }
        catch (Exception e) when (e is BrokerException or IOException or SessionFormatException or CryptographicException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Again at the next look.
        }
    }
}
