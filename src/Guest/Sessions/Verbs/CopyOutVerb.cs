using System.Formats.Tar;
using System.IO.Pipelines;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Session.Protocol;

namespace Pavise.Guest.Sessions.Verbs;

/// <summary>A file or folder of the container as a tar archive. Symbolic links are copied, not followed; devices, pipes and sockets are left out.</summary>
internal static class CopyOutVerb
{
    private const int MostDepth = 256;

    public static async Task RunAsync(VerbContext context, CancellationToken cancellation)
    {
        string path = ContainerFiles.Checked(context.Request.CopyOut);
        OwnerPlan plan = context.Decide<OwnerPlan>(new OwnerCopyOut(context.Owner, context.ContainerId), $"{context.ContainerId}: {path}");
        using HeldProcess held = ContainerFiles.Hold(context, plan);
        await context.AcceptAsync(cancellation);
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: SessionProtocolLimits.DataBytes, useSynchronizationContext: false));
        ulong bytes = 0;
        Task work = ContainerFiles.RunAsync(held, () => pipe.Writer.CompleteAsync(), view =>
        {
            using Stream output = pipe.Writer.AsStream();
            using TarWriter tar = new(output, TarEntryFormat.Pax, leaveOpen: true);
            bytes = Add(view, tar, path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/", Path.GetFileName(path.TrimEnd('/')) is { Length: > 0 } name ? name : ".", 0);
        });
        await using (Stream archive = pipe.Reader.AsStream())
        {
            byte[] buffer = new byte[SessionProtocolLimits.DataBytes];
            while (await archive.ReadAsync(buffer, cancellation) is var length and > 0)
            {
                await context.Connection.OutputAsync(buffer.AsMemory(0, length), false, 0, cancellation);
            }
        }

        string error = await CopyInVerb.ErrorAsync(work);
        await context.DoneAsync(cancellation, error.Length == 0 ? 0 : 1, error, bytes);
    }

    private static ulong Add(LinuxMountView view, TarWriter tar, string path, string name, int depth)
    {
        (FileStatus? found, DateTime written) = view.Do(() => (LinuxFiles.Status(path), File.GetLastWriteTimeUtc(path)));
        FileStatus status = found ?? throw new FileNotFoundException($"{path} does not exist");
        ulong bytes = 0;
        if (status.IsLink)
        {
            tar.WriteEntry(Described(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = view.Do(() => new FileInfo(path).LinkTarget) ?? "" }, written, status));
        }
        else if (status.IsDirectory && depth < MostDepth)
        {
            tar.WriteEntry(Described(new PaxTarEntry(TarEntryType.Directory, name + "/"), written, status));
            foreach (string entry in view.Do(() => Directory.GetFileSystemEntries(path)).Order(StringComparer.Ordinal))
            {
                bytes += Add(view, tar, entry, $"{name}/{Path.GetFileName(entry)}", depth + 1);
            }
        }
        else if (status.IsRegular)
        {
            using FileStream content = new(view.Do(() => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)), FileAccess.Read, 0);
            bytes = (ulong)content.Length;
            tar.WriteEntry(Described(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, written, status));
        }

        return bytes;
    }

    /// <summary>Numbers of users, no names: those are the container's.</summary>
    private static PaxTarEntry Described(PaxTarEntry entry, DateTime written, FileStatus status)
    {
        entry.Mode = (UnixFileMode)(status.Mode & 0xFFF);
        entry.Uid = (int)status.Uid;
        entry.Gid = (int)status.Gid;
        entry.ModificationTime = written;
        return entry;
    }
}
