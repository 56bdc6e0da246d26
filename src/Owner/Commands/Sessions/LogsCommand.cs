using System.CommandLine;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise logs POD`: what the first process wrote lately, from guest memory. `pavise logs open`: sealed lines from a log.</summary>
internal static class LogsCommand
{
    internal static Command Create()
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what is written." };
        Option<uint?> tail = new("--tail") { Description = "Only the last so many lines." };
        Command command = new("logs", "Prints a container's output, by an owner session; opens sealed logs.") { pod, follow, tail, LogsOpenCommand.Create() };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            LogsRequest request = new() { Follow = parsed.GetValue(follow), HasTail = parsed.GetValue(tail) is not null, Tail = parsed.GetValue(tail) ?? 0 };
            await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
            return await SessionOptions.GuardAsync(async () =>
            {
                await session.BeginAsync(new Request { Container = options.Container(parsed), Logs = request }, cancellation);
                await RemoteProcess.RunAsync(session, null, terminal: false, cancellation);
                await session.EndAsync();
                return CommandLine.Done;
            });
        });
        return command;
    }
}
