using System.Collections.Immutable;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>Where the guest put the parts of one container.</summary>
/// <param name="RootPath">The root file system, mounted.</param>
/// <param name="CgroupPath">Path below the cgroup hierarchy, e.g. <c>/pavise/3</c>.</param>
/// <param name="HasControllers">Whether limits can be set; false on a machine without cgroup controllers.</param>
/// <param name="Sources">For each mount of the plan the file or folder to bind, or empty where the mount is a file system of its own.</param>
internal sealed record ContainerLayout(string RootPath, string CgroupPath, bool HasControllers, ImmutableArray<string> Sources);
