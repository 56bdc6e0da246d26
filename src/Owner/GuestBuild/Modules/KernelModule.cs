namespace Pavise.Owner.GuestBuild.Modules;

/// <summary>A module as it goes into the guest: the name by which groups call it (its file's name), its uncompressed bytes, what it says of itself.</summary>
internal sealed record KernelModule(string Name, ReadOnlyMemory<byte> Content, ModuleInfo Info);
