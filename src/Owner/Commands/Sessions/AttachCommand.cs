using System.CommandLine;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise attach POD`: the first process's output from now on, and its input where the policy gives that to the owners.</summary>
internal static class AttachCommand
{
    internal static Command Create()
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Option<bool> input = new("--stdin", "-i") { Description = "Give it this command's standard input." };
        Command command = new("attach", "Attaches to a container's first process, by an owner session.") { pod, input };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
            return await SessionOptions.GuardAsync(async () =>
            {
                await session.BeginAsync(new Request { Container = options.Container(parsed), Attach = new Empty() }, cancellation);
                Done done = await RemoteProcess.RunAsync(session, parsed.GetValue(input) ? LocalTerminal.OpenInput() : null, terminal: false, cancellation);
                await session.EndAsync();
                return done.Error.Length == 0 ? (int)done.ExitStatus : throw new OwnerException(done.Error);
            });
        });
        return command;
    }
}
