using System.Diagnostics;
using System.Text;

namespace Pavise.Workloads;

/// <summary>What a finished program left behind.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, for messages.</summary>
    public string Both => (Output + Error).Trim();

    /// <summary>Itself, or an exception naming the command when it failed.</summary>
    public CommandResult OrThrow(string what) => ExitCode == 0 ? this : throw new InvalidOperationException($"{what} failed with status {ExitCode}: {Both}");
}

/// <summary>Runs programs with a time-out and captured output.</summary>
public static class Command
{
    /// <summary>Runs a program to its end. When the time is over its process tree is ended and the result says so with exit code 124.</summary>
    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan? timeout = null, string? stdin = null, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo info = new(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = workingDirectory ?? "" };
        foreach (string argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        using Process process = Process.Start(info)!;
        StringBuilder output = new(), error = new();
        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(error, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (stdin is not null)
        {
            await process.StandardInput.WriteAsync(stdin);
        }

        process.StandardInput.Close();
        using CancellationTokenSource limit = new(timeout ?? TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new(124, output.ToString(), error + $"\n{program} did not end in time");
        }

        return new(process.ExitCode, output.ToString(), error.ToString());
    }

    private static void Append(StringBuilder to, string? line)
    {
        if (line is not null)
        {
            lock (to)
            {
                to.Append(line).Append('\n');
            }
        }
    }
}
