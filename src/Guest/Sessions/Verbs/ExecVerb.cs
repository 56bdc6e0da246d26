using System.Collections.Immutable;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Containers.Configuration;
using Pavise.Guest.Processes;
using Pavise.Guest.Secrets;
using Pavise.Guest.Streams;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>Runs a process in the container, with its streams in the session.</summary>
internal static class ExecVerb
{
    private const int ShownArguments = 8;

    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        ExecRequest asked = Checked(context.Request.Exec);
        OwnerExecPlan plan = context.Decide<OwnerExecPlan>(
            new OwnerExec(context.Owner, context.ContainerId)
            {
                Args = [.. asked.Args],
                Env = [.. asked.Env],
                Cwd = asked.Cwd,
                User = asked.HasUser ? (asked.Uid, asked.Gid) : null,
                Stdin = asked.Stdin,
                Terminal = asked.Terminal,
                Columns = asked.Columns,
                Rows = asked.Rows,
            },
            $"{context.ContainerId}: {string.Join(' ', asked.Args.Take(ShownArguments))}{(asked.Args.Count > ShownArguments ? " …" : "")}");
        ManagedProcess process;
        ProcessStreams streams;
        try
        {
            ReleasedSecrets released = await context.ReleasedAsync(cancellation);
            ImmutableDictionary<string, string> open = context.Containers.Get(plan.ContainerId).Blueprint.OpenVariables;
            ImmutableArray<string> env = SealedValues.Replace(plan.Process.Env, open.Keys.Where(n => !asked.Env.Any(e => e.StartsWith(n + '=', StringComparison.Ordinal))), open);
            (process, streams) = await context.Containers.StartOwnerExecAsync(plan, CrunConfig.ComposeExec(plan.Process with { Env = released.Environment(env, plan.Secrets) }));
        }
        catch (Exception e) when (e is TtrpcException or ProvisioningException)
        {
            await context.AcceptAsync(cancellation);
            await context.DoneAsync(cancellation, 126, e.Message);
            return;
        }

        try
        {
            await context.AcceptAsync(cancellation);
            int status = await ProcessIo.RunAsync(context, streams, process.Ended, s => context.Containers.SignalOwnerExec(process, s), plan.Process.Stdio, cancellation);
            await context.DoneAsync(cancellation, status);
        }
        finally
        {
            await context.Containers.RemoveOwnerExecAsync(plan.ContainerId, process);
        }
    }

    private static ExecRequest Checked(ExecRequest asked)
    {
        bool good = asked.Args.Count is > 0 and <= SessionProtocolLimits.Arguments && asked.Env.Count <= SessionProtocolLimits.Arguments
            && asked.Args.Concat(asked.Env).Append(asked.Cwd).All(t => !t.Contains('\0', StringComparison.Ordinal))
            && asked.Env.All(e => e.IndexOf('=', StringComparison.Ordinal) > 0) && (asked.Cwd.Length == 0 || asked.Cwd[0] == '/');
        return good ? asked : throw new VerbRefusedException(new Refusal
        {
            Reason = "an exec has at least one argument, variables of the form NAME=value, and a working directory that begins with /",
        });
    }
}
