using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Owner.Sessions;

/// <summary>The terminal that the command runs in, in raw mode until disposed: what is typed is the far process's, Ctrl-C too.</summary>
internal sealed class LocalTerminal : IDisposable
{
    private readonly string former;

    private LocalTerminal(string former) => this.former = former;

    /// <summary>Whether there is one on standard input.</summary>
    public static bool Exists => !Console.IsInputRedirected;

    /// <summary>Columns and rows; zeros when unknown.</summary>
    public static (uint Columns, uint Rows) Size
    {
        get
        {
            try
            {
                return ((uint)Math.Max(0, Console.WindowWidth), (uint)Math.Max(0, Console.WindowHeight));
            }
            catch (IOException)
            {
                return (0, 0);
            }
        }
    }

    /// <summary>Standard input as it is: the console's own stream puts a terminal into another mode when it is read.</summary>
    public static Stream OpenInput() => new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, 0);

    /// <summary>Puts it into raw mode.</summary>
    /// <exception cref="OwnerException">It cannot be.</exception>
    public static LocalTerminal Raw()
    {
        string former = Stty("-g").Trim();
        Stty("raw", "-echo");
        return new LocalTerminal(former);
    }

    public void Dispose() => Stty(former);

    private static string Stty(params string[] arguments)
    {
        try
        {
            // With none of its streams on the terminal: the runtime puts the terminal's former settings back after a program that had it.
            ProcessStartInfo start = new("stty", ["-F", "/dev/tty", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new OwnerException("standard input is no terminal", "leave out -t");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OwnerException($"stty cannot be started: {e.Message}", "leave out -t", e);
        }
    }
}
