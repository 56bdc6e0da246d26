namespace Pavise.Verity.Erofs;

/// <summary>Bytes that are no EROFS image of the form that root images have.</summary>
public sealed class ErofsFormatException(string message) : IOException(message);
