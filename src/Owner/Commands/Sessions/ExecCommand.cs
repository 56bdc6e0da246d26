using System.CommandLine;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise exec POD -- COMMAND`: a process in the pVM, unseen by who carries it. Exit code: the process's own; 1 and a message when there is none.</summary>
internal static class ExecCommand
{
    internal static Command Create()
    {
        Argument<string> pod = new("POD") { Description = "The pod, or what the carrier calls it." };
        Argument<string[]> arguments = new("COMMAND") { Description = "The command, after --.", Arity = ArgumentArity.OneOrMore };
        Option<bool> input = new("--stdin", "-i") { Description = "Give it this command's standard input." };
        Option<bool> terminal = new("--tty", "-t") { Description = "Give it a terminal." };
        Option<string[]> env = new("--env", "-e") { Description = "A variable NAME=value. May be repeated." };
        Option<string?> cwd = new("--cwd") { Description = "Working directory [the container's]." };
        Option<string?> user = new("--user", "-u") { Description = "UID:GID [the container's]." };
        Command command = new("exec", "Runs a command in a container, by an owner session.") { pod, arguments, input, terminal, env, cwd, user };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            bool tty = parsed.GetValue(terminal), stdin = parsed.GetValue(input) || tty;
            ExecRequest request = new() { Stdin = stdin, Terminal = tty, Cwd = parsed.GetValue(cwd) ?? "" };
            request.Args.AddRange(parsed.GetRequiredValue(arguments));
            request.Env.AddRange(parsed.GetValue(env) ?? []);
            if (tty && !LocalTerminal.Exists)
            {
                throw new OwnerException("standard input is no terminal", "leave out -t");
            }

            if (parsed.GetValue(user) is { } who)
            {
                string[] parts = who.Split(':');
                if (parts.Length != 2 || !uint.TryParse(parts[0], out uint uid) || !uint.TryParse(parts[1], out uint gid))
                {
                    throw new OwnerException($"--user is UID:GID in numbers, not {who}");
                }

                (request.HasUser, request.Uid, request.Gid) = (true, uid, gid);
            }

            if (tty)
            {
                (request.Columns, request.Rows) = LocalTerminal.Size;
                request.Env.Add($"TERM={Environment.GetEnvironmentVariable("TERM") ?? "xterm"}");
            }

            await using SessionClient session = await options.ConnectAsync(parsed, parsed.GetRequiredValue(pod), cancellation);
            return await SessionOptions.GuardAsync(async () =>
            {
                await session.BeginAsync(new Request { Container = options.Container(parsed), Exec = request }, cancellation);
                using LocalTerminal? raw = tty ? LocalTerminal.Raw() : null;
                Done done = await RemoteProcess.RunAsync(session, stdin ? LocalTerminal.OpenInput() : null, tty, cancellation);
                await session.EndAsync();
                return done.Error.Length == 0 ? (int)done.ExitStatus : throw new OwnerException(done.Error);
            });
        });
        return command;
    }
}
