namespace Pavise.Host.Visor;

/// <summary>The visor process: <c>pavise-runtime visor</c>, started by <see cref="Sandbox.LaunchAsync"/> with the launch request on its standard input.</summary>
public static class VisorProgram
{
    /// <summary>Name of the hidden command.</summary>
    public const string Command = "visor";

    /// <summary>Runs the visor until its pVM has ended; returns the exit status. Takes no arguments beyond the command's name.</summary>
    public static Task<int> RunAsync() => throw new NotImplementedException();
}
