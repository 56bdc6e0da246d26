using System.CommandLine;

namespace Pavise.Owner.Commands;

/// <summary>`pavise guest`: the operating system of the pVM.</summary>
internal static class GuestCommand
{
    internal static Command Create() => new("guest", "The guest image: kernel, initial RAM disk, fixed command line.")
    {
        GuestBuildCommand.Create(),
        GuestInspectCommand.Create(),
    };
}
