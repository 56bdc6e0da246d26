namespace Pavise.Owner.GuestBuild.Elf;

/// <summary>Finds what the dynamic loader will load: the needed libraries of programs, of these libraries, and so on, and the loader itself.</summary>
internal sealed class LibraryClosure(IReadOnlyList<FileTree> trees)
{
    /// <summary>Where Debian's loader looks without a cache file, in its order (glibc, ld.so(8); Debian's multiarch folders first).</summary>
    private static readonly string[] DefaultFolders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib", "usr/lib", "lib64", "usr/lib64"];

    private readonly SortedDictionary<string, GuestFile> found = new(StringComparer.Ordinal);
    private readonly HashSet<string> loaders = new(StringComparer.Ordinal);

    /// <summary>Everything that the programs need, and the libraries that they load by name at run time with what these need.</summary>
    /// <exception cref="OwnerException">A library is in none of the trees.</exception>
    internal IReadOnlyList<GuestFile> Of(IReadOnlyList<GuestFile> programs, IEnumerable<string> loadedByName)
    {
        Queue<(string Name, string NeededBy, IReadOnlyList<string> RunPath)> open = new();
        foreach (GuestFile program in programs)
        {
            Follow(program, open);
        }

        foreach (string name in loadedByName)
        {
            open.Enqueue((name, "pavise-guest, at run time", []));
        }

        while (open.TryDequeue(out (string Name, string NeededBy, IReadOnlyList<string> RunPath) next))
        {
            if (!loaders.Contains(next.Name) && !found.Values.Any(f => Path.GetFileName(f.Path) == next.Name))
            {
                Follow(Add(next.Name, next.NeededBy, next.RunPath), open);
            }
        }

        return [.. found.Values];
    }

    private void Follow(GuestFile file, Queue<(string, string, IReadOnlyList<string>)> open)
    {
        ElfFile elf;
        try
        {
            elf = ElfFile.Read(file.Content);
        }
        catch (FormatException e)
        {
            throw new OwnerException($"{file.Path}: {e.Message}", inner: e);
        }

        if (elf.Interpreter is { } interpreter && loaders.Add(Path.GetFileName(interpreter)))
        {
            string path = interpreter.TrimStart('/');
            found.Add(path, Load(path, GuestFile.ExecutableMode) ?? throw Missing(interpreter, file.Path));
        }

        foreach (string name in elf.Needed)
        {
            open.Enqueue((name, file.Path, elf.RunPath));
        }
    }

    private GuestFile Add(string name, string neededBy, IReadOnlyList<string> runPath)
    {
        foreach (string folder in runPath.Where(p => p.StartsWith('/')).Select(p => p.Trim('/')).Concat(DefaultFolders))
        {
            string path = $"{folder}/{name}";
            if (Load(path, GuestFile.DataMode) is { } file)
            {
                found.Add(path, file);
                return file;
            }
        }

        throw Missing(name, neededBy);
    }

    private GuestFile? Load(string path, int mode)
    {
        foreach (FileTree tree in trees)
        {
            if (tree.Find(path) is { } real)
            {
                return new(path, File.ReadAllBytes(real), mode, tree.Origin);
            }
        }

        return null;
    }

    private static OwnerException Missing(string name, string neededBy) => new($"{name}, which {neededBy} needs, is in none of the packages or folders", "name a folder that has it with --packages-dir or --sysroot");
}
