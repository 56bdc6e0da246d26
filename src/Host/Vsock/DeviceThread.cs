using System.Net.Sockets;
using Pavise.Host.Interop;
using Pavise.Host.Vsock.VhostUser;
using Pavise.Host.Vsock.Virtio;

namespace Pavise.Host.Vsock;

/// <summary>
/// The device's own thread: the front end's messages, the driver's kicks, packets from the guest (ring 1). It ends when the front end
/// closes, when a rule is broken, or when it is stopped; then every connection is gone and guest memory is unmapped.
/// </summary>
internal sealed class DeviceThread : IVhostDevice
{
    private const int ToGuest = 0;
    private const int FromGuest = 1;
    private const ulong FrontEndTag = 2; // 0 and 1 are the rings' kicks
    private const ulong WakeTag = 3;

    private readonly Socket _socket;
    private readonly EventDescriptor _wake;
    private readonly GuestLink _link;
    private readonly PacketSwitch _switch;
    private readonly VhostSession _session;
    private readonly ReadyPoll _poll = new();
    private readonly DescriptorChain _chain = new();
    private readonly EventDescriptor?[] _polled = new EventDescriptor?[VhostSession.Rings];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GuestMemory? _memory;
    private SplitRing? _transmit;
    private EventDescriptor? _transmitCall;
    private bool _linked;
    private bool _more;
    private volatile bool _stop;
    private Exception? _failure;

    public DeviceThread(Socket frontEnd, uint guestCid, GuestLink link, PacketSwitch packetSwitch, EventDescriptor wake, BufferCheck? allowed)
    {
        (_socket, _link, _switch, _wake) = (frontEnd, link, packetSwitch, wake);
        _session = new VhostSession(frontEnd.SafeHandle, guestCid, this, allowed);
        _poll.Add(frontEnd.SafeHandle, FrontEndTag);
        _poll.Add(wake.Handle, WakeTag);
    }

    /// <summary>Completes when both rings run.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when the front end has closed or the thread was stopped; fails when a rule was broken.</summary>
    public Task Ended => _ended.Task;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "vsock" }.Start();

    public void Stop()
    {
        _stop = true;
        _wake.Signal();
    }

    /// <summary>Ends the device because a rule was broken; called on any thread.</summary>
    public void Fail(Exception failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _wake.Signal();
    }

    public void RingStarted(int index, RingState ring, GuestMemory memory)
    {
        Poll(index, ring.Kick);
        if (index == ToGuest)
        {
            _link.Start(ring.Running!, memory, ring.Call);
            _linked = true;
        }
        else
        {
            (_transmit, _memory, _transmitCall) = (ring.Running, memory, ring.Call);
            ScheduleTransmit();
        }

        if (_linked && _transmit is not null)
        {
            _ready.TrySetResult();
        }
    }

    public void RingStopped(int index, RingState ring)
    {
        Poll(index, null);
        if (index == ToGuest)
        {
            _link.Stop();
            _linked = false;
        }
        else
        {
            (_transmit, _memory, _transmitCall) = (null, null, null);
        }

        _switch.AbortAll(new VsockException(VsockFailure.DeviceGone, "the guest's driver has stopped the vsock device"));
    }

    public void Exclusively(Action change) => _link.Exclusively(change);

    private void Run()
    {
        try
        {
            Loop();
        }
        catch (Exception broken)
        {
            // A broken rule (virtqueue, vhost-user), or a failed system call: the reason ends the device, nothing else.
            Interlocked.CompareExchange(ref _failure, broken, null);
        }

        End();
    }

    private void Loop()
    {
        Span<ulong> tags = stackalloc ulong[4];
        while (!_stop && Volatile.Read(ref _failure) is null)
        {
            int count = _poll.Wait(tags);
            foreach (ulong tag in tags[..count])
            {
                switch (tag)
                {
                    case FrontEndTag when !_session.HandleOne():
                        return;
                    case WakeTag:
                        _wake.Drain();
                        break;
                    case ToGuest:
                        _polled[ToGuest]?.Drain();
                        _link.Kicked();
                        _more = true; // The answers may have drained.
                        break;
                    case FromGuest:
                        _polled[FromGuest]?.Drain();
                        _more = true;
                        break;
                }
            }

            if (_more)
            {
                Transmit();
            }
        }
    }

    /// <summary>Handles what the guest has sent, one batch; what remains is handled after the other events.</summary>
    private void Transmit()
    {
        _more = false;
        if (_transmit is not { } ring)
        {
            return;
        }

        ring.DisableKick();
        for (int i = 0; i < VsockLimits.Batch; i++)
        {
            if (_link.IsCongested)
            {
                Publish(ring);
                return; // The next receive buffers of the guest bring the thread back here.
            }

            if (!ring.TryTake(out ushort head))
            {
                Publish(ring);
                if (!ring.EnableKick())
                {
                    return;
                }

                continue;
            }

            _chain.Load(ring, _memory!, head, writable: false);
            _switch.Receive(_chain);
            ring.Complete(head, 0);
            if (i % 16 == 15)
            {
                Publish(ring);
            }
        }

        Publish(ring);
        ScheduleTransmit();
    }

    private void Publish(SplitRing ring)
    {
        if (ring.Publish())
        {
            _transmitCall?.Signal();
        }
    }

    private void ScheduleTransmit()
    {
        _more = true;
        _wake.Signal();
    }

    private void Poll(int index, EventDescriptor? kick)
    {
        if (_polled[index] == kick)
        {
            return;
        }

        if (_polled[index] is { } before)
        {
            _poll.Remove(before.Handle);
        }

        _polled[index] = kick;
        if (kick is not null)
        {
            _poll.Add(kick.Handle, (ulong)index);
        }
    }

    private void End()
    {
        _link.Stop();
        VsockException gone = new(VsockFailure.DeviceGone, _failure is null ? "the virtual machine has ended" : $"the vsock device has ended: {_failure.Message}");
        _switch.AbortAll(gone);
        _session.Dispose();
        _poll.Dispose();
        _socket.Dispose();
        _ready.TrySetException(gone);
        if (_failure is null)
        {
            _ended.TrySetResult();
        }
        else
        {
            _ended.TrySetException(gone);
        }
    }
}
