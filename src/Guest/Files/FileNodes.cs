using System.Diagnostics.CodeAnalysis;
using Pavise.Boundary.HostCalls.Files;

namespace Pavise.Guest.Files;

/// <summary>
/// The files that the guest's kernel knows. Numbers are the guest's; what the host says only tells which of them are one file (hard links). Where the host
/// changed a file that nobody here has open, the file gets a new number, and so the kernel drops what it remembers of it: who opens a file sees what was
/// written before it was closed on the other side.
/// </summary>
internal sealed class FileNodes
{
    /// <summary>The volume's own folder, as FUSE has it.</summary>
    public const ulong Root = 1;

    private readonly Dictionary<ulong, FileNode> nodes = [];
    private readonly Dictionary<(ulong Device, ulong Inode), FileNode> identities = [];
    private readonly Queue<ulong> forgotten = [];
    private readonly Lock gate = new();
    private ulong last = Root;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return nodes.Count;
            }
        }
    }

    /// <summary>A number for a file or a handle.</summary>
    public ulong NewNumber() => Interlocked.Increment(ref last);

    /// <summary>Takes the volume's folder in.</summary>
    public void AddRoot(in FileFacts facts)
    {
        lock (gate)
        {
            FileNode root = new(Root, facts) { Lookups = 1 };
            nodes.Add(Root, root);
            identities[(facts.Device, facts.Inode)] = root;
        }
    }

    /// <summary>A node by its number.</summary>
    /// <exception cref="FileViolation">There is none.</exception>
    public FileNode Get(ulong number)
    {
        lock (gate)
        {
            return nodes.TryGetValue(number, out FileNode? node) ? node : throw new FileViolation($"there is no file {number}");
        }
    }

    /// <summary>The node of a file that was found under a new number: a known one, or one of this number. The kernel is told of it.</summary>
    public FileNode Found(ulong number, in FileFacts facts)
    {
        lock (gate)
        {
            if (identities.TryGetValue((facts.Device, facts.Inode), out FileNode? known))
            {
                if (known.Type != facts.Type)
                {
                    forgotten.Enqueue(number);
                    throw new FileViolation($"a file (inode {known.Inode}) has another type than before");
                }

                if (!IsChanged(known, facts))
                {
                    forgotten.Enqueue(number);
                    known.Lookups++;
                    return known;
                }
            }

            FileNode node = new(number, facts) { Lookups = 1 };
            nodes.Add(number, node);
            identities[(facts.Device, facts.Inode)] = node;
            return node;
        }
    }

    /// <summary>Counts an open handle, unless the file was changed by the host since the kernel heard of it.</summary>
    /// <returns>Whether it is as it was.</returns>
    public bool TryOpen(FileNode node, in FileFacts facts)
    {
        lock (gate)
        {
            if (IsChanged(node, facts))
            {
                return false;
            }

            node.Opens++;
            return true;
        }
    }

    /// <summary>Counts the handle of a file that was just made.</summary>
    public void Opened(FileNode node)
    {
        lock (gate)
        {
            node.Opens++;
        }
    }

    /// <summary>The kernel is told of a file once more.</summary>
    public void LookedUp(FileNode node)
    {
        lock (gate)
        {
            node.Lookups++;
        }
    }

    /// <summary>Takes a handle back.</summary>
    /// <returns>Whether it was the last one and something was written, so that the facts have to be seen again.</returns>
    public bool Close(FileNode node)
    {
        lock (gate)
        {
            return --node.Opens == 0 && node.IsWritten;
        }
    }

    /// <summary>Facts after a change of this guest's.</summary>
    public void Saw(FileNode node, in FileFacts facts)
    {
        lock (gate)
        {
            node.Seen = (facts.Size, facts.Modified);
            node.IsWritten &= node.Opens > 0;
        }
    }

    /// <summary>The kernel forgets a file.</summary>
    public void Forget(ulong number, ulong count)
    {
        lock (gate)
        {
            if (number == Root || !nodes.TryGetValue(number, out FileNode? node))
            {
                return;
            }

            node.Lookups -= Math.Min(node.Lookups, count);
            if (node.Lookups == 0)
            {
                nodes.Remove(number);
                forgotten.Enqueue(number);
                if (identities.TryGetValue((node.Device, node.Inode), out FileNode? known) && known == node)
                {
                    identities.Remove((node.Device, node.Inode));
                }
            }
        }
    }

    /// <summary>A number that came to nothing.</summary>
    public void Drop(ulong number)
    {
        lock (gate)
        {
            forgotten.Enqueue(number);
        }
    }

    /// <summary>Numbers to tell the host of, once enough of them wait.</summary>
    public bool TryTakeForgotten(int least, [NotNullWhen(true)] out ulong[]? numbers)
    {
        numbers = null;
        lock (gate)
        {
            if (forgotten.Count < least)
            {
                return false;
            }

            numbers = new ulong[Math.Min(forgotten.Count, FileLimits.Forgotten)];
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = forgotten.Dequeue();
            }

            return true;
        }
    }

    private static bool IsChanged(FileNode node, in FileFacts facts) =>
        node.Type == FileFacts.Regular && node is { Opens: 0, IsWritten: false } && node.Seen != (facts.Size, facts.Modified);
}
