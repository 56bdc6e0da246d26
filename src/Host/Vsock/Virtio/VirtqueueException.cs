namespace Pavise.Host.Vsock.Virtio;

/// <summary>The guest's driver broke the rules of a virtqueue (virtio 1.2, section 2.7). The device ends; nothing outside the guest was touched.</summary>
internal sealed class VirtqueueException(string message) : Exception(message);
