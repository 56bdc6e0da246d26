using Pavise.Boundary;
using Pavise.Boundary.HostCalls.Files;
using Pavise.Guest.Files.Fuse;

namespace Pavise.Guest.Files;

/// <summary>Reading folders: the host is asked for much at once, the kernel takes a page at a time.</summary>
internal sealed partial class FuseWorker
{
    private int OpenFolder(in FuseHeader h)
    {
        FileNode node = volume.Nodes.Get(h.Node);
        ulong handle = volume.Nodes.NewNumber();
        if (calls.OpenFolder(h.Node, handle) is > 0 and var errno)
        {
            return -errno;
        }

        volume.Handles[handle] = new OpenFile(node);
        FileBodyWriter w = Reply();
        FuseFormat.Opened(ref w, handle, 0);
        return Header + w.Length;
    }

    private int ReadFolder(ReadOnlySpan<byte> body)
    {
        FileBodyReader r = new(body);
        ulong handle = r.U64(), position = r.U64();
        int most = (int)Math.Min(r.U32(), FileLimits.DataBytes);
        if (!volume.Handles.TryGetValue(handle, out OpenFile? folder))
        {
            return -FileErrors.BadFile;
        }

        lock (folder)
        {
            if ((position != folder.Position || folder.EntriesAt >= folder.Entries.Length) && Fill(folder, handle, position) is > 0 and var errno)
            {
                return -errno;
            }

            return Give(folder, most);
        }
    }

    private int Fill(OpenFile folder, ulong handle, ulong position)
    {
        int errno = calls.GetData(FileOperation.ReadFolder, handle, position, FileLimits.FolderBytes, out Untrusted<int> answer);
        if (errno == 0)
        {
            int length = answer.Validate(FileLimits.FolderBytes, FileChecks.Length);
            FileBodyReader r = new(buffer.AsSpan(Header, length));
            while (!r.IsAtEnd)
            {
                FolderEntry entry = FolderEntry.Read(ref r, out ReadOnlySpan<byte> name);
                FileChecks.Entry(entry, name);
            }

            folder.Entries = buffer.AsSpan(Header, length).ToArray();
            folder.EntriesAt = 0;
            folder.Position = position;
        }

        return errno;
    }

    private int Give(OpenFile folder, int most)
    {
        FileBodyWriter w = Reply();
        while (folder.EntriesAt < folder.Entries.Length)
        {
            ReadOnlySpan<byte> rest = folder.Entries.AsSpan(folder.EntriesAt);
            FileBodyReader r = new(rest);
            FolderEntry entry = FolderEntry.Read(ref r, out ReadOnlySpan<byte> name);
            if (w.Length + FuseFormat.DirentLength(name.Length) > most)
            {
                break;
            }

            FuseFormat.Dirent(ref w, entry, name);
            folder.EntriesAt += rest.Length - r.Rest().Length;
            folder.Position = entry.Next;
        }

        return Header + w.Length;
    }
}
