using System.CommandLine;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise stats POD`: a container's resource use, exactly.</summary>
internal static class StatsCommand
{
    internal static Command Create()
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Command command = new("stats", "Prints a container's resource use, by an owner session.") { pod };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
            return await SessionOptions.GuardAsync(async () =>
            {
                await session.BeginAsync(new Request { Container = options.Container(parsed), Stats = new Empty() }, cancellation);
                ServerFrame frame;
                while ((frame = await session.ReadAsync(cancellation)).Done is null)
                {
                    if (frame.Stats is { } stats)
                    {
                        Print(parsed.InvocationConfiguration.Output, stats);
                    }
                }

                await session.EndAsync();
                return CommandLine.Done;
            });
        });
        return command;
    }

    private static void Print(TextWriter output, Stats s)
    {
        if (!s.Available)
        {
            output.WriteLine("this machine keeps no statistics");
            return;
        }

        output.WriteLine($"cpu      {s.CpuUsageUs} us (user {s.CpuUserUs}, system {s.CpuSystemUs})");
        output.WriteLine($"memory   {s.MemoryBytes} bytes (peak {s.MemoryPeakBytes}{(s.MemoryLimitBytes > 0 ? $", limit {s.MemoryLimitBytes}" : "")}), killed for memory {s.OomKills}");
        output.WriteLine($"pids     {s.Pids}{(s.PidsLimit > 0 ? $" (limit {s.PidsLimit})" : "")}");
    }
}
