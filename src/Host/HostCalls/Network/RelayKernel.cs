using System.Runtime.InteropServices;
using Pavise.Boundary.Relay;
using Pavise.Host.Interop;

namespace Pavise.Host.HostCalls.Network;

/// <summary>The relay's system calls, by this side's platform calls.</summary>
internal sealed class RelayKernel : IRelayKernel
{
    public int CreatePoll() => NativeRelay.CreatePoll();

    public int Watch(int poll, int descriptor, uint events, ulong token) => NativeRelay.Watch(poll, descriptor, events, token);

    public int Wait(int poll, Span<PollEvent> events) => NativeRelay.Wait(poll, MemoryMarshal.AsBytes(events));

    public int Receive(int descriptor, Span<byte> buffer) => NativeRelay.Receive(descriptor, buffer);

    public int Send(int descriptor, ReadOnlySpan<byte> bytes) => NativeRelay.Send(descriptor, bytes);

    public int Pipe(out int read, out int write) => NativeRelay.Pipe(out read, out write);

    public int Splice(int from, int to, int length) => NativeRelay.Splice(from, to, length);

    public int EndSending(int descriptor) => NativeRelay.EndSending(descriptor);

    public bool IsHungUp(int descriptor) => NativeRelay.IsHungUp(descriptor);

    public void ResetOnClose(int descriptor) => NativeRelay.ResetOnClose(descriptor);

    public int CreateEvent() => NativeRelay.CreateEvent();

    public void Signal(int descriptor) => NativeRelay.Signal(descriptor);

    public void Close(int descriptor) => NativeRelay.Close(descriptor);
}
