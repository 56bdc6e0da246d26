using Pavise.Guest.Streams;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>What the first process wrote lately, and on request what it writes.</summary>
internal static class LogsVerb
{
    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        LogsRequest asked = context.Request.Logs;
        OwnerPlan plan = context.Decide<OwnerPlan>(new OwnerLogs(context.Owner, context.ContainerId), context.ContainerId);
        LogRing log = context.Containers.Get(plan.ContainerId).Log ?? throw new VerbRefusedException(new Refusal { Reason = "the container keeps no output" });
        await context.AcceptAsync(cancellation);
        await SendAsync(context, log, asked.HasTail ? log.Tail(asked.Tail) : 0, asked.Follow, cancellation);
        await context.DoneAsync(cancellation);
    }

    /// <summary>Sends what there is from a position on, and says how much is kept no more.</summary>
    public static async Task SendAsync(VerbContext context, LogRing log, ulong position, bool follow, CancellationToken cancellation)
    {
        while (await log.ReadAsync(position, follow, cancellation) is { Count: > 0 } pieces)
        {
            if (pieces[0].Position > position)
            {
                await context.Connection.WriteAsync(new ServerFrame { Gap = new LogGap { Bytes = pieces[0].Position - position } }, cancellation);
            }

            foreach (LogPiece piece in pieces)
            {
                await context.Connection.OutputAsync(piece.Text, piece.IsError, piece.UnixMs, cancellation);
                position = piece.Position + (ulong)piece.Text.Length;
            }
        }
    }
}
