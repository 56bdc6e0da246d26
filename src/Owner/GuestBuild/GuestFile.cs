namespace Pavise.Owner.GuestBuild;

/// <summary>A file that goes into the initial RAM disk: its place there (without a leading slash), its bytes, its permission bits, and where it comes from.</summary>
internal sealed record GuestFile(string Path, ReadOnlyMemory<byte> Content, int Mode, string Origin)
{
    internal const int ExecutableMode = 0x1ED; // 0755
    internal const int DataMode = 0x1A4; // 0644
}
