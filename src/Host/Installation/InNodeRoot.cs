using Pavise.Host.Interop;

namespace Pavise.Host.Installation;

/// <summary>The hidden command that becomes a program of the node: <c>pavise-runtime in-node-root FOLDER PROGRAM ARGUMENTS…</c>.</summary>
internal static class InNodeRoot
{
    /// <summary>Its name.</summary>
    public const string Command = "in-node-root";

    /// <summary>Status when the program could not be started, as shells have it.</summary>
    public const int NotStarted = 127;

    /// <summary>Does not return when it succeeds.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length < 2)
        {
            Console.Error.WriteLine($"{Command} needs a folder and a program");
            return NotStarted;
        }

        try
        {
            NativeRoot.BecomeProgram(arguments[0], arguments[1..].ToArray());
        }
        catch (IOException e)
        {
            Console.Error.WriteLine(e.Message);
        }

        return NotStarted;
    }
}
