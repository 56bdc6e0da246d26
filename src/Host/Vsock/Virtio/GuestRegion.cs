using Pavise.Host.Interop;

namespace Pavise.Host.Vsock.Virtio;

/// <summary>One region of guest memory.</summary>
/// <param name="GuestAddress">Its guest physical address.</param>
/// <param name="UserAddress">Its address in QEMU, by which vhost-user names the rings.</param>
/// <param name="Mapping">Its bytes here; the length is the mapping's.</param>
internal sealed record GuestRegion(ulong GuestAddress, ulong UserAddress, SharedMapping Mapping);
