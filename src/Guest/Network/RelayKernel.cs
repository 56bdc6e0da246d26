using System.Runtime.InteropServices;
using Pavise.Boundary.Relay;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Network;

/// <summary>The relay's system calls, by this side's platform calls.</summary>
internal sealed class RelayKernel : IRelayKernel
{
    public int CreatePoll() => LinuxRelay.CreatePoll();

    public int Watch(int poll, int descriptor, uint events, ulong token) => LinuxRelay.Watch(poll, descriptor, events, token);

    public int Wait(int poll, Span<PollEvent> events) => LinuxRelay.Wait(poll, MemoryMarshal.AsBytes(events));

    public int Receive(int descriptor, Span<byte> buffer) => LinuxRelay.Receive(descriptor, buffer);

    public int Send(int descriptor, ReadOnlySpan<byte> bytes) => LinuxRelay.Send(descriptor, bytes);

    public int Pipe(out int read, out int write) => LinuxRelay.Pipe(out read, out write);

    public int Splice(int from, int to, int length) => LinuxRelay.Splice(from, to, length);

    public int EndSending(int descriptor) => LinuxRelay.EndSending(descriptor);

    public bool IsHungUp(int descriptor) => LinuxRelay.IsHungUp(descriptor);

    public void ResetOnClose(int descriptor) => LinuxRelay.ResetOnClose(descriptor);

    public int CreateEvent() => LinuxRelay.CreateEvent();

    public void Signal(int descriptor) => LinuxRelay.Signal(descriptor);

    public void Close(int descriptor) => LinuxRelay.Close(descriptor);
}
