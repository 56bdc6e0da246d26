using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files.Fuse;

/// <summary>FUSE_INIT: what the kernel and this server agree on.</summary>
internal static class FuseInit
{
    private const uint Major = 7, Minor = 31;
    private const int PageBytes = 4096;

    private const uint AsyncRead = 1, BigWrites = 1 << 5, AsyncDirectIo = 1 << 15, WriteBackCache = 1 << 16, ParallelFolders = 1 << 18, MaxPages = 1 << 22;
    private const uint Wanted = AsyncRead | BigWrites | AsyncDirectIo | WriteBackCache | ParallelFolders | MaxPages;

    /// <summary>Requests that the kernel has on the way by itself (read ahead, write back) before it waits.</summary>
    private const int Background = 64;

    /// <summary>Answers struct fuse_init_in with struct fuse_init_out.</summary>
    /// <returns>Whether the kernel is one that this server knows: protocol 7.31 or later of version 7, with pages and writing back.</returns>
    public static bool Answer(ReadOnlySpan<byte> request, ref FileBodyWriter w)
    {
        FileBodyReader r = new(request);
        uint major = r.U32(), minor = r.U32(), readAhead = r.U32(), flags = r.U32();
        w.U32(Major);
        w.U32(Minor);
        w.U32(Math.Min(Math.Max(readAhead, FileLimits.DataBytes), FileLimits.DataBytes));
        w.U32(flags & Wanted);
        w.U16(Background);
        w.U16(Background * 3 / 4);
        w.U32(FileLimits.DataBytes);
        w.U32(1);
        w.U16(FileLimits.DataBytes / PageBytes);
        w.U16(0);
        for (int i = 0; i < 8; i++)
        {
            w.U32(0);
        }

        return major == Major && minor >= Minor && (flags & WriteBackCache) != 0 && (flags & MaxPages) != 0;
    }
}
