using System.CommandLine;
using System.CommandLine.Parsing;
using Pavise.Owner.Commands;
using Pavise.Owner.Commands.Kb;
using Pavise.Owner.Commands.Sessions;
using Pavise.Owner.Commands.Secrets;

namespace Pavise.Owner;

/// <summary>The `pavise` command: its tree of commands, and how an end of a command becomes an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Done.</summary>
    internal const int Done = 0;

    /// <summary>The command was understood and failed, or the answer is no.</summary>
    internal const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    internal const int Misused = 2;

    /// <summary>The program itself is wrong: never meant to be seen.</summary>
    internal const int Broken = 3;

    /// <summary>Each command file has one static class with `Create()`; its line is here.</summary>
    internal static RootCommand Create() => new("Pavise, the owner's side: policies, images and what they must measure to.")
    {
        AttachCommand.Create(),
        AuditCommand.Create(),
        CompletionCommand.Create(),
        CpCommand.Create(),
        ExecCommand.Create(),
        ForwardCommand.Create(),
        GuestCommand.Create(),
        ImageCommand.Create(),
        KbCommand.Create(),
        LogsCommand.Create(),
        MeasureCommand.Create(),
        OwnerCommand.Create(),
        PolicyCommand.Create(),
        PsCommand.Create(),
        SecretCommand.Create(),
        StatsCommand.Create(),
        VerifyCommand.Create(),
    };

    internal static async Task<int> RunAsync(string[] arguments, TextWriter? output = null, TextWriter? errors = null)
    {
        output ??= Console.Out;
        errors ??= Console.Error;
        ParseResult parsed = Create().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            return Misuse(parsed, errors);
        }

        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, Output = output, Error = errors });
        }
        catch (OperationCanceledException)
        {
            return Report(errors, "stopped before it was done", null);
        }
        catch (OwnerException e)
        {
            return Report(errors, e.Message, e.Hint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or NotSupportedException)
        {
            return Report(errors, e.Message, null);
        }
        catch (Exception e)
        {
            Report(errors, $"a mistake in pavise itself, not in what it was given: {e.GetType().Name}: {e.Message}", "please report it with the command and its input");
            return Broken;
        }
    }

    private static int Misuse(ParseResult parsed, TextWriter errors)
    {
        foreach (ParseError error in parsed.Errors)
        {
            errors.WriteLine($"error: {error.Message}");
        }

        List<string> path = [];
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
        {
            path.Insert(0, command.Parent is null ? "pavise" : command.Command.Name);
        }

        errors.WriteLine($"hint: {string.Join(' ', path)} --help");
        return Misused;
    }

    private static int Report(TextWriter errors, string message, string? hint)
    {
        errors.WriteLine($"error: {message}");
        if (hint is not null)
        {
            errors.WriteLine($"hint: {hint}");
        }

        return Failed;
    }
}
