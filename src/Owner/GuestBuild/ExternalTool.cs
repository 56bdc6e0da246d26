using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Pavise.Owner.GuestBuild;

/// <summary>Debian's own programs that the build calls (apt, dpkg-deb, xz): no shell, the C locale, bounded output.</summary>
internal static class ExternalTool
{
    private const int MaxTextBytes = 64 * 1024 * 1024;
    private const int MaxErrorBytes = 1024 * 1024;

    internal static async Task<string> TextAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel, string? folder = null) =>
        Encoding.UTF8.GetString(await BytesAsync(program, arguments, MaxTextBytes, cancel, folder));

    /// <exception cref="OwnerException">The program is missing, failed, or wrote too much.</exception>
    internal static async Task<byte[]> BytesAsync(string program, IReadOnlyList<string> arguments, int limit, CancellationToken cancel, string? folder = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? "" };
        start.Environment["LC_ALL"] = "C";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using Process process = Start(start);
        process.StandardInput.Close();
        try
        {
            Task<byte[]> errors = BoundedRead.AllAsync(process.StandardError.BaseStream, MaxErrorBytes, program, cancel);
            byte[] output = await BoundedRead.AllAsync(process.StandardOutput.BaseStream, limit, program, cancel);
            string message = Encoding.UTF8.GetString(await errors).Trim();
            await process.WaitForExitAsync(cancel);
            return process.ExitCode == 0 ? output : throw new OwnerException($"{program} {arguments[0]} failed with status {process.ExitCode}: {LastLines(message)}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new OwnerException($"{start.FileName} cannot be started: {e.Message}", $"install the Debian package that has `{start.FileName}`", e);
        }
    }

    private static string LastLines(string message) => string.Join("; ", message.Split('\n').TakeLast(3));
}
