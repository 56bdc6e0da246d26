using System.Formats.Tar;
using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>Unpacks a tar archive below a folder of the container. What is written belongs to the container's user.</summary>
internal static class CopyInVerb
{
    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        string folder = ContainerFiles.Checked(context.Request.CopyIn);
        OwnerPlan plan = context.Decide<OwnerPlan>(new OwnerCopyIn(context.Owner, context.ContainerId), $"{context.ContainerId}: {folder}");
        using HeldProcess held = ContainerFiles.Hold(context, plan);
        ContainerState state = context.Shield.State.Containers[plan.ContainerId];
        (uint uid, uint gid) = (state.Entry.Process.Uid, state.Entry.Process.Gid);
        await context.AcceptAsync(cancellation);
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: SessionProtocolLimits.DataBytes, useSynchronizationContext: false));
        ulong bytes = 0;
        Task work = ContainerFiles.RunAsync(held, () => pipe.Reader.CompleteAsync(), view =>
        {
            using Stream input = pipe.Reader.AsStream();
            using TarReader tar = new(input, leaveOpen: true);
            while (tar.GetNextEntry() is { } entry)
            {
                bytes += Extract(view, entry, folder, uid, gid);
            }

            // The end of the archive is before the end of the stream: its padding.
            input.CopyTo(Stream.Null);
        });
        await FeedAsync(context, pipe.Writer, cancellation);
        string error = await ErrorAsync(work);
        await context.DoneAsync(cancellation, error.Length == 0 ? 0 : 1, error, bytes);
    }

    /// <summary>Why work on files went wrong; empty when it did not.</summary>
    public static async Task<string> ErrorAsync(Task work)
    {
        try
        {
            await work;
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or LinuxException or ArgumentException or FormatException or NotSupportedException)
        {
            return e.Message;
        }
    }

    private static async Task FeedAsync(VerbContext context, PipeWriter writer, CancellationToken cancellation)
    {
        Exception? broken = null;
        try
        {
            bool read = true;
            while (await context.Connection.ReadAsync(cancellation) is { } frame && frame.KindCase != ClientFrame.KindOneofCase.End)
            {
                // When the unpacking failed the rest is taken and dropped: the owner hears why when it has sent it.
                read = read && (frame.KindCase != ClientFrame.KindOneofCase.Data || !(await writer.WriteAsync(frame.Data.Memory, cancellation)).IsCompleted);
            }
        }
        catch (Exception e) when (e is SessionException or OperationCanceledException)
        {
            broken = new IOException("the session ended before the archive did");
            throw;
        }
        finally
        {
            await writer.CompleteAsync(broken);
        }
    }

    private static ulong Extract(LinuxMountView view, TarEntry entry, string folder, uint uid, uint gid)
    {
        string[] names = [.. entry.Name.Split('/').Where(n => n is not ("" or "."))];
        if (entry.Name.StartsWith('/') || names.Contains(".."))
        {
            throw new InvalidDataException($"the archive holds the path {entry.Name}, which leaves the folder");
        }

        string path = folder.TrimEnd('/');
        foreach (string name in names.SkipLast(1))
        {
            path = $"{path}/{name}";
            MakeFolder(view, path, uid, gid);
        }

        if (names.Length == 0)
        {
            MakeFolder(view, folder, uid, gid);
            return 0;
        }

        path = $"{path}/{names[^1]}";
        uint mode = (uint)entry.Mode & 0x3FF;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                MakeFolder(view, path, uid, gid);
                view.Do(() => LinuxFiles.SetOwnerAndMode(path, uid, gid, mode));
                return 0;
            case TarEntryType.SymbolicLink:
                view.Do(() =>
                {
                    File.Delete(path);
                    File.CreateSymbolicLink(path, entry.LinkName);
                });
                return 0;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                using (FileStream file = new(view.Do(() => Create(path, uid, gid, mode)), FileAccess.Write, 0))
                {
                    entry.DataStream?.CopyTo(file, SessionProtocolLimits.DataBytes);
                    return (ulong)file.Length;
                }

            default:
                throw new InvalidDataException($"the archive holds {entry.Name}, which is neither file, folder nor symbolic link");
        }
    }

    /// <summary>A link, a pipe or a device of this name is replaced, not written through.</summary>
    private static SafeFileHandle Create(string path, uint uid, uint gid, uint mode)
    {
        if (LinuxFiles.Status(path) is { IsRegular: false })
        {
            File.Delete(path);
        }

        SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        LinuxFiles.SetOwnerAndMode(path, uid, gid, mode);
        return file;
    }

    private static void MakeFolder(LinuxMountView view, string path, uint uid, uint gid) => view.Do(() =>
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            LinuxFiles.SetOwnerAndMode(path, uid, gid, 0x1ED);
        }
    });
}
