using System.Diagnostics;

namespace Pavise.Eval.Floor;

/// <summary>One boot: from the start of QEMU to the line's arrival on the host; and the processor time that QEMU took for it, which a busy machine changes less.</summary>
internal sealed record FloorRun(double Milliseconds, double ProcessorMilliseconds)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="InvalidOperationException">The line did not come.</exception>
    internal static async Task<FloorRun> MeasureAsync(string qemu, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(qemu, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(Limit);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.Contains(FloorInit.Line, StringComparison.Ordinal))
                {
                    double elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                    process.Refresh();
                    return new(elapsed, process.TotalProcessorTime.TotalMilliseconds);
                }
            }

            throw new InvalidOperationException($"QEMU ended without the line: {await errors}");
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"the line did not come within {Limit.TotalSeconds} s");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }
}
