using System.Collections.Immutable;
using System.Security.Cryptography;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers;

/// <summary>
/// The files that the host brings for one container. A file grows piece by piece in memory; only when it is whole and the shield has
/// accepted it does it appear in the container's folder, where the container finds it read-only.
/// </summary>
internal sealed class HostFileStore
{
    private const UnixFileMode FileMode644 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Dictionary<(string Mount, string Name), Wanted> wanted = [];
    private readonly Lock gate = new();

    /// <summary>Prepares the folder of each mount that holds files of the host.</summary>
    /// <param name="mounts">All mounts of the container.</param>
    /// <param name="folder">Where the files are kept, one folder per mount.</param>
    /// <param name="open">Opens what comes sealed.</param>
    public HostFileStore(ImmutableArray<MountPlan> mounts, string folder, Func<MountPlan, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? open = null)
    {
        string[] sources = new string[mounts.Length];
        for (int i = 0; i < mounts.Length; i++)
        {
            sources[i] = "";
            if (mounts[i].Kind != MountKind.HostFiles)
            {
                continue;
            }

            string own = Path.Combine(folder, $"{i}");
            Directory.CreateDirectory(own);
            sources[i] = MountPoints.IsFile(mounts[i]) ? Path.Combine(own, "file") : own;
            foreach (HostFilePlan file in mounts[i].Files)
            {
                wanted.Add((mounts[i].Destination, file.Name), new(file, file.Name.Length == 0 ? sources[i] : Path.Combine(own, Checked(file.Name)), file.Sealed is null ? null : Opener(mounts[i], open)));
            }
        }

        Sources = [.. sources];
    }

    /// <summary>Per mount the file or folder to bind, or empty.</summary>
    public ImmutableArray<string> Sources { get; }

    /// <summary>What is still to come.</summary>
    public IReadOnlyList<WantedFile> Outstanding
    {
        get
        {
            lock (gate)
            {
                return [.. wanted.Where(w => !w.Value.Done).Select(w => new WantedFile { Mount = w.Key.Mount, Name = w.Key.Name, MaxBytes = w.Value.Plan.MaxBytes })];
            }
        }
    }

    /// <summary>Takes one piece.</summary>
    /// <returns>The whole file if this was its last piece, else null.</returns>
    public (ReadOnlyMemory<byte> Content, byte[] Sha256)? Put(PutFileRequest piece)
    {
        lock (gate)
        {
            if (!wanted.TryGetValue((piece.Mount, piece.Name), out Wanted? file) || file.Done)
            {
                throw new TtrpcException(TtrpcStatus.FailedPrecondition, $"the container does not wait for a file {piece.Name} at {piece.Mount}");
            }

            if (piece.Offset != (ulong)file.Pieces.Length)
            {
                throw new TtrpcException(TtrpcStatus.OutOfRange, $"a piece begins at {piece.Offset}, but {file.Pieces.Length} bytes have come");
            }

            if ((ulong)(file.Pieces.Length + piece.Data.Length) > file.Plan.MaxBytes)
            {
                file.Pieces.SetLength(0);
                throw new TtrpcException(TtrpcStatus.OutOfRange, $"the file is larger than {file.Plan.MaxBytes} bytes");
            }

            file.Pieces.Write(piece.Data.Span);
            if (!piece.Last)
            {
                return null;
            }

            byte[] content = file.Pieces.ToArray();
            file.Pieces.SetLength(0);
            return (content, SHA256.HashData(content));
        }
    }

    /// <summary>Lets an accepted file appear, open where it came sealed.</summary>
    /// <exception cref="TtrpcException">It does not open: it does not appear.</exception>
    public void Accept(PutFilePlan plan, ReadOnlyMemory<byte> content)
    {
        lock (gate)
        {
            Wanted file = wanted[(plan.Mount, plan.Name)];
            ReadOnlyMemory<byte> open = file.Open(content);
            using (FileStream stream = new(file.Path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = file.Plan.Sealed is null ? FileMode644 : OwnerOnly }))
            {
                stream.Write(open.Span);
            }

            if (file.Plan.Sealed is { } secret)
            {
                LinuxFiles.SetOwnerAndMode(file.Path, secret.Uid, secret.Gid, secret.Mode);
            }

            file.Done = true;
        }
    }

    private static string Checked(string name) =>
        name is "." or ".." || name.Contains('/') ? throw new InvalidDataException($"'{name}' is not a file name") : name;

    private static Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Opener(MountPlan mount, Func<MountPlan, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? open) =>
        content => (open ?? throw new InvalidDataException($"nobody opens the sealed file {mount.Destination}"))(mount, content);

    private sealed class Wanted(HostFilePlan plan, string path, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? open)
    {
        public ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> content)
        {
            try
            {
                return open is null ? content : open(content);
            }
            catch (InvalidDataException e)
            {
                throw Failures.Internal(e.Message);
            }
        }

        public HostFilePlan Plan => plan;

        public string Path => path;

        public MemoryStream Pieces { get; } = new();

        public bool Done { get; set; }
    }
}
