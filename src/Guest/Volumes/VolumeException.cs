namespace Pavise.Guest.Volumes;

/// <summary>A volume cannot be used. The message says which and why; nothing of its content is in it.</summary>
/// <param name="message">For the host and the owner alike: what it says the host knows, since it brought the image.</param>
/// <param name="inner">The cause.</param>
internal sealed class VolumeException(string message, Exception? inner = null) : Exception(message, inner);
