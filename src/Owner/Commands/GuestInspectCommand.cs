using System.CommandLine;
using Pavise.Owner.GuestBuild;
using Pavise.Owner.GuestBuild.Manifest;

namespace Pavise.Owner.Commands;

/// <summary>`pavise guest inspect DIR`: is the folder what its manifest says, and what is in it.</summary>
internal static class GuestInspectCommand
{
    internal static Command Create()
    {
        Argument<string> folder = new("DIR") { Description = "A guest image folder, made by `pavise guest build`." };
        Command command = new("inspect", "Checks a guest image folder against its manifest and prints what is in it.") { folder };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output, errors = parsed.InvocationConfiguration.Error;
            (GuestManifest manifest, IReadOnlyList<string> differences) = ImageCheck.Check(parsed.GetRequiredValue(folder));
            ImageReport.Write(manifest, output);
            ImageReport.WriteFiles(manifest, output);
            foreach (string difference in differences)
            {
                errors.WriteLine($"error: {difference}");
            }

            output.WriteLine(differences.Count == 0 ? "everything is as the manifest says" : $"{differences.Count} differences");
            return differences.Count == 0 ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }
}
