using System.CommandLine;
using System.Formats.Tar;
using System.IO.Pipelines;
using Google.Protobuf;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>`pavise cp SOURCE DESTINATION`: one of them is POD:PATH. Files and folders; symbolic links stay links where they lead nowhere else.</summary>
internal static class CpCommand
{
    private const int PipeBytes = 1 << 20;

    internal static Command Create()
    {
        Argument<string> source = new("SOURCE") { Description = "A local path, or POD:PATH." };
        Argument<string> destination = new("DESTINATION") { Description = "POD:PATH, or a local path." };
        Command command = new("cp", "Copies files and folders to and from a container, by an owner session.") { source, destination };
        SessionOptions options = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            (string? fromPod, string from) = Read(parsed.GetRequiredValue(source));
            (string? toPod, string to) = Read(parsed.GetRequiredValue(destination));
            if (fromPod is null == toPod is null)
            {
                throw new OwnerException("exactly one of both is in a pod", "POD:PATH");
            }

            await using SessionClient session = await options.ConnectAsync(parsed, (fromPod ?? toPod)!, cancellation);
            ulong bytes = await SessionOptions.GuardAsync(() => fromPod is null
                ? UploadAsync(session, options.Container(parsed), from, to, cancellation)
                : DownloadAsync(session, options.Container(parsed), from, to, parsed.InvocationConfiguration.Error, cancellation));
            await session.EndAsync();
            parsed.InvocationConfiguration.Error.WriteLine($"{bytes} bytes");
            return CommandLine.Done;
        });
        return command;
    }

    private static async Task<ulong> UploadAsync(SessionClient session, string container, string from, string to, CancellationToken cancellation)
    {
        if (!Path.Exists(from))
        {
            throw new OwnerException($"{from} does not exist");
        }

        // A path that ends with / is a folder to put it into; else it is the new name.
        string trimmed = to.TrimEnd('/');
        string folder = to.EndsWith('/') ? trimmed : Path.GetDirectoryName(trimmed) ?? "/";
        string name = to.EndsWith('/') || trimmed.Length == 0 ? Path.GetFileName(Path.GetFullPath(from)) : Path.GetFileName(trimmed);
        await session.BeginAsync(new Request { Container = container, CopyIn = folder.Length == 0 ? "/" : folder }, cancellation);
        Pipe pipe = MakePipe();
        Task packing = Task.Run(() => Pack(from, name, pipe.Writer), cancellation);
        await using (Stream archive = pipe.Reader.AsStream())
        {
            byte[] buffer = new byte[SessionProtocolLimits.DataBytes];
            while (await archive.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation) is var length and > 0)
            {
                await session.SendAsync(new ClientFrame { Data = ByteString.CopyFrom(buffer, 0, length) }, cancellation);
            }
        }

        await packing;
        await session.SendAsync(new ClientFrame { End = new Empty() }, cancellation);
        while (true)
        {
            if ((await session.ReadAsync(cancellation)).Done is { } done)
            {
                return done.Error.Length == 0 ? done.Bytes : throw new OwnerException(done.Error);
            }
        }
    }

    private static async Task<ulong> DownloadAsync(SessionClient session, string container, string from, string to, TextWriter notes, CancellationToken cancellation)
    {
        await session.BeginAsync(new Request { Container = container, CopyOut = from }, cancellation);
        Pipe pipe = MakePipe();
        Task<ulong> unpacking = Task.Run(() => new SafeExtraction(to, notes).Run(pipe.Reader.AsStream()), cancellation);
        Done done;
        try
        {
            while (true)
            {
                ServerFrame frame = await session.ReadAsync(cancellation);
                if (frame.Done is not null)
                {
                    done = frame.Done;
                    break;
                }

                if (frame.Output is { } piece)
                {
                    await pipe.Writer.WriteAsync(piece.Data.Memory, cancellation);
                }
            }
        }
        catch (Exception e)
        {
            await pipe.Writer.CompleteAsync(e);
            throw;
        }

        await pipe.Writer.CompleteAsync(done.Error.Length == 0 ? null : new IOException(done.Error));
        ulong bytes = await unpacking;
        return done.Error.Length == 0 && bytes == done.Bytes ? bytes : throw new OwnerException(done.Error.Length > 0 ? done.Error : $"{bytes} of {done.Bytes} bytes came");
    }

    private static void Pack(string path, string name, PipeWriter writer)
    {
        Exception? failed = null;
        try
        {
            using Stream output = writer.AsStream(leaveOpen: true);
            using TarWriter tar = new(output, TarEntryFormat.Pax, leaveOpen: true);
            Add(tar, path, name);
        }
        catch (Exception e)
        {
            failed = e;
            throw;
        }
        finally
        {
            writer.Complete(failed);
        }
    }

    private static void Add(TarWriter tar, string path, string name)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (info.LinkTarget is not null && name.Contains('/'))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = info.LinkTarget });
        }
        else if (info is DirectoryInfo folder)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, name + "/") { Mode = folder.UnixFileMode });
            foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
            {
                Add(tar, entry.FullName, $"{name}/{entry.Name}");
            }
        }
        else
        {
            using FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = info.UnixFileMode, ModificationTime = info.LastWriteTimeUtc, DataStream = content });
        }
    }

    private static Pipe MakePipe() => new(new PipeOptions(pauseWriterThreshold: PipeBytes, resumeWriterThreshold: PipeBytes / 2, minimumSegmentSize: SessionProtocolLimits.DataBytes, useSynchronizationContext: false));

    private static (string? Pod, string Path) Read(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || text[..colon].Contains('/') && colon > 0 && text[0] is '/' or '.' ? (null, text) : (text[..colon], text[(colon + 1)..]);
    }
}
