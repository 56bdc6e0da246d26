using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Host.Interop;
using FileFacts = Pavise.Boundary.HostCalls.Files.FileFacts;

namespace Pavise.Host.HostCalls.Files;

/// <summary>What a guest has open of a volume: places (descriptors that only name a file) and open files, each under the guest's number.</summary>
internal sealed class SharedFolder : IDisposable
{
    private const ulong Root = 1;
    private const int HandleBytes = 8 + 128;

    private readonly ConcurrentDictionary<ulong, FilePlace> _places = new();
    private readonly ConcurrentDictionary<ulong, FileHandle> _handles = new();
    private readonly Queue<FilePlace> _open = [];
    private readonly SafeFileHandle _mount;
    private readonly int _mountId, _mostOpen;

    /// <param name="root">The volume's own folder.</param>
    public SharedFolder(SafeFileHandle root)
    {
        // Half of what may be open is for open files and everything else.
        _mostOpen = (int)(VolumeFolder.RaiseFileLimit(FileLimits.Nodes + (2 * FileLimits.Handles)) / 2);
        FilePlace place = new(root, FileFacts.Folder, handle: null);
        int descriptor = VolumeFolder.Reopen(place.Path, FolderOnly);
        _mount = descriptor < 0 ? throw new SystemCallException("open the volume's folder", -descriptor) : new SafeFileHandle(descriptor, ownsHandle: true);
        _ = VolumeFolder.NameHandle(_mount, stackalloc byte[HandleBytes], out _mountId);
        _places[Root] = place;
    }

    /// <summary>O_DIRECTORY.</summary>
    public const int FolderOnly = 0x10000;

    /// <summary>Connections that use it.</summary>
    public int Lanes { get; set; }

    public FilePlace? Place(ulong number) => _places.GetValueOrDefault(number);

    public FileHandle? Handle(ulong number) => _handles.GetValueOrDefault(number);

    /// <summary>Makes a place of a descriptor. On another mount below the volume it keeps that.</summary>
    public FilePlace PlaceOf(SafeFileHandle descriptor, uint type)
    {
        Span<byte> handle = stackalloc byte[HandleBytes];
        int length = VolumeFolder.NameHandle(descriptor, handle, out int mount);
        return new FilePlace(descriptor, type, length > 0 && mount == _mountId ? handle[..length].ToArray() : null);
    }

    public bool TryAdd(ulong number, FilePlace place)
    {
        bool isNew = _places.Count < FileLimits.Nodes && _places.TryAdd(number, place);
        if (isNew)
        {
            Opened(place);
        }

        return isNew;
    }

    public bool TryAdd(ulong number, FileHandle handle) => _handles.Count < FileLimits.Handles && _handles.TryAdd(number, handle);

    /// <summary>Keeps a place open until it is unpinned.</summary>
    /// <exception cref="SystemCallException">It is gone.</exception>
    public void Pin(FilePlace place)
    {
        if (place.Pin(_mount))
        {
            Opened(place);
        }
    }

    public void Forget(ulong number)
    {
        if (number != Root && _places.TryRemove(number, out FilePlace? place))
        {
            place.Forget();
        }
    }

    public void Release(ulong number)
    {
        if (_handles.TryRemove(number, out FileHandle? handle))
        {
            handle.Descriptor.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (FilePlace place in _places.Values)
        {
            place.Forget();
        }

        foreach (FileHandle handle in _handles.Values)
        {
            handle.Descriptor.Dispose();
        }

        _mount.Dispose();
    }

    /// <summary>Closes the places that were opened longest ago, once too many are open.</summary>
    private void Opened(FilePlace place)
    {
        lock (_open)
        {
            _open.Enqueue(place);
            for (int tries = 0; _open.Count > _mostOpen && tries < 16; tries++)
            {
                FilePlace oldest = _open.Dequeue();
                if (!oldest.TryClose())
                {
                    _open.Enqueue(oldest);
                }
            }
        }
    }
}

/// <summary>An open file or folder.</summary>
/// <param name="descriptor">It.</param>
/// <param name="isFolder">Which of both.</param>
internal sealed class FileHandle(SafeFileHandle descriptor, bool isFolder)
{
    public SafeFileHandle Descriptor { get; } = descriptor;

    public bool IsFolder { get; } = isFolder;

    /// <summary>Of a folder: where the kernel reads on.</summary>
    public ulong Position { get; set; }
}
