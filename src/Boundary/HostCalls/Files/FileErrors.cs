namespace Pavise.Boundary.HostCalls.Files;

/// <summary>
/// The errno values that cross. Others mean something to the kernel itself (ENOSYS: never ask again; values above 511: restart) or nothing to an
/// application.
/// </summary>
public static class FileErrors
{
    /// <summary>linux/errno.h.</summary>
    public const int NotPermitted = 1, NoEntry = 2, Interrupted = 4, InputOutput = 5, BadFile = 9, Again = 11, NoMemory = 12, Access = 13, Busy = 16, Exists = 17, CrossDevice = 18,
        NotFolder = 20, IsFolder = 21, Invalid = 22, TooManyFiles = 23, TooManyOpen = 24, TextBusy = 26, TooBig = 27, NoSpace = 28, ReadOnly = 30, TooManyLinks = 31, Range = 34,
        NameTooLong = 36, NotBuilt = 38, NotEmpty = 39, Loop = 40, NoData = 61, Overflow = 75, NotSupported = 95, Quota = 122, Stale = 116;

    private const ulong Always = (1UL << InputOutput) | (1UL << NoMemory) | (1UL << Access) | (1UL << NotPermitted) | (1UL << Invalid) | (1UL << TooManyFiles);

    /// <summary>Whether an operation may fail in this way.</summary>
    public static bool Allows(FileOperation operation, int errno) => errno switch
    {
        NoData => operation is FileOperation.GetXattr or FileOperation.RemoveXattr or FileOperation.SetXattr,
        NotSupported => operation is FileOperation.GetXattr or FileOperation.SetXattr or FileOperation.ListXattr or FileOperation.RemoveXattr or FileOperation.Allocate or FileOperation.Open or FileOperation.Rename,
        Quota => Grows(operation),
        Stale => true,
        Overflow => operation is FileOperation.Open or FileOperation.Create,
        > 0 and < 64 => ((Of(operation) >> errno) & 1) != 0,
        _ => false,
    };

    private static ulong Of(FileOperation operation) => Always | (operation switch
    {
        FileOperation.Lookup => Bits(NoEntry, NotFolder, NameTooLong, Loop, CrossDevice, TooManyOpen),
        FileOperation.Stat or FileOperation.StatFileSystem or FileOperation.ReadLink or FileOperation.Forget or FileOperation.Release => 0,
        FileOperation.SetAttributes => Bits(ReadOnly, NoSpace, TooBig, TextBusy, IsFolder),
        FileOperation.SymbolicLink or FileOperation.MakeNode or FileOperation.MakeFolder => Bits(NoEntry, NotFolder, Exists, NoSpace, ReadOnly, TooManyLinks, NameTooLong, TooManyOpen),
        FileOperation.Unlink => Bits(NoEntry, NotFolder, IsFolder, Busy, ReadOnly, NameTooLong),
        FileOperation.RemoveFolder => Bits(NoEntry, NotFolder, NotEmpty, Exists, Busy, ReadOnly, NameTooLong),
        FileOperation.Rename => Bits(NoEntry, NotFolder, IsFolder, NotEmpty, Exists, Busy, CrossDevice, NoSpace, ReadOnly, TooManyLinks, NameTooLong),
        FileOperation.Link => Bits(NoEntry, NotFolder, Exists, CrossDevice, NoSpace, ReadOnly, TooManyLinks, NameTooLong, TooManyOpen),
        FileOperation.Open => Bits(ReadOnly, TextBusy, IsFolder, TooManyOpen, NoEntry, Loop),
        FileOperation.Create => Bits(NoEntry, NotFolder, Exists, IsFolder, NoSpace, ReadOnly, NameTooLong, TextBusy, TooManyOpen, Loop, CrossDevice),
        FileOperation.Read => Bits(IsFolder),
        FileOperation.Write or FileOperation.Allocate => Bits(NoSpace, TooBig),
        FileOperation.Sync => Bits(NoSpace, ReadOnly),
        FileOperation.OpenFolder => Bits(NotFolder, TooManyOpen, NoEntry),
        FileOperation.ReadFolder => Bits(NoEntry),
        FileOperation.GetXattr or FileOperation.ListXattr => Bits(Range),
        FileOperation.SetXattr => Bits(NoSpace, ReadOnly, Exists, Range),
        FileOperation.RemoveXattr => Bits(ReadOnly),
        _ => 0,
    });

    private static bool Grows(FileOperation operation) => operation is FileOperation.Write or FileOperation.Allocate or FileOperation.Create or FileOperation.MakeNode or FileOperation.MakeFolder
        or FileOperation.SymbolicLink or FileOperation.Link or FileOperation.SetXattr or FileOperation.SetAttributes or FileOperation.Rename or FileOperation.Sync;

    private static ulong Bits(params ReadOnlySpan<int> errors)
    {
        ulong bits = 0;
        foreach (int errno in errors)
        {
            bits |= 1UL << errno;
        }

        return bits;
    }
}
