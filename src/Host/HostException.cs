namespace Pavise.Host;

/// <summary>
/// Something on the host's side is missing, wrong or gone. The message says what was wrong and what to do, and is meant to be shown
/// to the person who called the command.
/// </summary>
public class HostException : Exception
{
    /// <summary>Creates the error.</summary>
    public HostException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its cause, which the message does not repeat.</summary>
    public HostException(string message, Exception cause) : base(message, cause)
    {
    }
}
