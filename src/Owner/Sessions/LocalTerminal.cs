using System.Diagnostics;

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
            using Process process = Process.Start(new ProcessStartInfo("stty", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
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
