using System.CommandLine;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise ps POD`: the boot, the containers, and the processes of one.</summary>
internal static class PsCommand
{
    internal static Command Create()
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Command command = new("ps", "Lists a container's processes, and says which boot it is.") { pod };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
            return await SessionOptions.GuardAsync(async () =>
            {
                await session.BeginAsync(new Request { Container = options.Container(parsed), Ps = new Empty() }, cancellation);
                output.WriteLine($"boot    {session.Boot}");
                output.WriteLine($"policy  {session.Welcome.Policy}");
                foreach (ContainerInfo c in session.Welcome.Containers)
                {
                    output.WriteLine($"        {c.Name} ({c.Id}): {c.State}");
                }

                output.WriteLine($"{"PID",7} {"PPID",7} {"UID",7} COMMAND");
                ServerFrame frame;
                while ((frame = await session.ReadAsync(cancellation)).Done is null)
                {
                    foreach (Process p in frame.Processes?.Processes ?? [])
                    {
                        output.WriteLine($"{p.Pid,7} {p.Ppid,7} {p.Uid,7} {p.Command}");
                    }
                }

                await session.EndAsync();
                return CommandLine.Done;
            });
        });
        return command;
    }
}
