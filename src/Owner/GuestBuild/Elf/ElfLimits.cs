namespace Pavise.Owner.GuestBuild.Elf;

/// <summary>Bounds of what a file may make <see cref="ElfFile"/> read; each is several times what Debian's largest program or module has.</summary>
internal static class ElfLimits
{
    internal const int ProgramHeaders = 128;
    internal const int Sections = 65_279;
    internal const int DynamicEntries = 4096;
    internal const int StringBytes = 4096;
}
