namespace Pavise.Host.Vsock.VhostUser;

/// <summary>The virtual machine monitor broke the vhost-user protocol, or asked for what was not offered. The device ends.</summary>
internal sealed class VhostProtocolException(string message) : Exception(message);
