namespace Pavise.Host.Visor;

/// <summary>The pVM ended, refused to start, or does not answer. The message names the reason the visor recorded.</summary>
public sealed class GuestGoneException : HostException
{
    /// <summary>Creates the error.</summary>
    public GuestGoneException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its cause.</summary>
    public GuestGoneException(string message, Exception cause) : base(message, cause)
    {
    }
}
