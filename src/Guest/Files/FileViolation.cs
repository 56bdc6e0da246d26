namespace Pavise.Guest.Files;

/// <summary>The host's answer cannot be one, or none came: the application gets EIO, and the owner reads why.</summary>
/// <param name="message">What was wrong with it.</param>
internal sealed class FileViolation(string message) : IOException(message);
