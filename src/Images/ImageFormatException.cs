namespace Pavise.Images;

/// <summary>A source is not what it should be, or too large. The message names the file or layer and what was wrong.</summary>
public sealed class ImageFormatException : IOException
{
    /// <summary>Creates the error.</summary>
    public ImageFormatException(string message) : base(message)
    {
    }

    /// <summary>Creates the error with its cause.</summary>
    public ImageFormatException(string message, Exception cause) : base(message, cause)
    {
    }
}
