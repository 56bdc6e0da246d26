using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.HostCalls.Files;

/// <summary>
/// A file's place: a descriptor by which it is named and nothing is read. A guest knows more files than a process may have descriptors: one that nobody uses in
/// this moment may be closed, and is opened again by its file handle.
/// </summary>
/// <param name="descriptor">Opened with O_PATH.</param>
/// <param name="type">S_IFMT.</param>
/// <param name="handle">struct file_handle; null where the file system has none, and the descriptor stays.</param>
internal sealed class FilePlace(SafeFileHandle descriptor, uint type, byte[]? handle)
{
    private readonly Lock _gate = new();
    private SafeFileHandle? _descriptor = descriptor;
    private int _users;
    private bool _isForgotten;

    /// <summary>The descriptor, for who pinned it.</summary>
    public SafeFileHandle Descriptor => _descriptor ?? throw new ObjectDisposedException(nameof(FilePlace));

    /// <summary>Its path below /proc, for who pinned it: so long nobody else gets the descriptor's number.</summary>
    public string Path => $"/proc/self/fd/{Descriptor.DangerousGetHandle()}";

    public uint Type { get; } = type;

    /// <summary>Keeps it open.</summary>
    /// <returns>Whether it had to be opened.</returns>
    /// <exception cref="SystemCallException">It is gone.</exception>
    public bool Pin(SafeFileHandle mount)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isForgotten, this);
            bool opens = _descriptor is null;
            if (opens)
            {
                int opened = VolumeFolder.OpenHandle(mount, handle);
                _descriptor = opened < 0 ? throw new SystemCallException("open_by_handle_at", -opened) : new SafeFileHandle(opened, ownsHandle: true);
            }

            _users++;
            return opens;
        }
    }

    /// <summary>The end of <see cref="Pin"/>.</summary>
    public void Unpin()
    {
        lock (_gate)
        {
            if (--_users == 0 && _isForgotten)
            {
                _descriptor?.Dispose();
            }
        }
    }

    /// <summary>Closes it until it is used again.</summary>
    /// <returns>Whether it holds no descriptor now.</returns>
    public bool TryClose()
    {
        lock (_gate)
        {
            if (_users > 0 || handle is null)
            {
                return _isForgotten;
            }

            _descriptor?.Dispose();
            _descriptor = null;
            return true;
        }
    }

    /// <summary>The guest uses it no more.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _isForgotten = true;
            if (_users == 0)
            {
                _descriptor?.Dispose();
            }
        }
    }
}
