using Pavise.Guest.Containers;
using Pavise.Guest.Streams;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>What the first process writes from now on; and its input, where the policy gives that to the owners.</summary>
internal static class AttachVerb
{
    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        OwnerPlan plan = context.Decide<OwnerPlan>(new OwnerAttach(context.Owner, context.ContainerId), context.ContainerId);
        Container container = context.Containers.Get(plan.ContainerId);
        LogRing log = container.Log ?? throw new VerbRefusedException(new Refusal { Reason = "the container keeps no output" });
        ulong position = log.End;
        await context.AcceptAsync(cancellation);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task output = LogsVerb.SendAsync(context, log, position, follow: true, over.Token);
        StdioPlan stdio = new(plan.Stdin ? StreamTarget.Owner : StreamTarget.None, StreamTarget.None, StreamTarget.None, Terminal: true);
        try
        {
            int status = await ProcessIo.RunAsync(context, container.InitStreams, container.Init.Ended, _ => { }, stdio, over.Token);
            await output.WaitAsync(TimeSpan.FromSeconds(2), context.Time, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            await context.DoneAsync(cancellation, status);
        }
        finally
        {
            await over.CancelAsync();
            await output.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
