using Google.Protobuf;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;

namespace Pavise.Host.Bundles;

/// <summary>Brings the files that the policy expects from the host, from the sources of the configuration's bind mounts.</summary>
internal static class HostFiles
{
    public static async Task PutAsync(GuestClient guest, string containerId, BundleConfig config, IEnumerable<WantedFile> wanted, CancellationToken cancellation)
    {
        foreach (WantedFile file in wanted)
        {
            string place = file.Name.Length == 0 ? file.Mount : $"{file.Mount.TrimEnd('/')}/{file.Name}";
            string source = config.HostPath(place) ?? throw new HostException($"the policy expects a file at {place} and the configuration has no bind mount there or above");
            await PutAsync(guest, containerId, file, Read(source, file.MaxBytes), cancellation);
        }
    }

    private static async Task PutAsync(GuestClient guest, string containerId, WantedFile file, byte[] content, CancellationToken cancellation)
    {
        int offset = 0;
        do
        {
            int length = Math.Min(BoundaryLimits.PutFileBytes, content.Length - offset);
            await guest.PutFileAsync(new PutFileRequest
            {
                ContainerId = containerId,
                Mount = file.Mount,
                Name = file.Name,
                Offset = (ulong)offset,
                Data = ByteString.CopyFrom(content, offset, length),
                Last = offset + length == content.Length,
            }, cancellation);
            offset += length;
        }
        while (offset < content.Length);
    }

    private static byte[] Read(string source, ulong most)
    {
        FileInfo info = new(File.ResolveLinkTarget(source, returnFinalTarget: true)?.FullName ?? source);
        return !info.Exists || (info.Attributes & (FileAttributes.Directory | FileAttributes.Device)) != 0 ? throw new HostException($"the policy expects a file and {source} is none")
            : (ulong)info.Length > most ? throw new HostException($"{source} has {info.Length} bytes, the policy accepts {most}")
            : File.ReadAllBytes(info.FullName);
    }
}
