using System.CommandLine;
using Pavise.Images;

namespace Pavise.Owner.Commands;

/// <summary>`pavise image hash SOURCE`: the root hash, for `image.rootfs` in a policy.</summary>
internal static class ImageHashCommand
{
    internal static Command Create()
    {
        Argument<string> source = ImageBuildCommand.Source();
        Option<string?> reference = ImageBuildCommand.Reference();
        Option<bool> json = ImageBuildCommand.Json();
        Command command = new("hash", "Prints the root hash of a container image, as a policy names it.") { source, reference, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            string file = Path.GetTempFileName();
            try
            {
                using ImageSource image = ImageSource.Open(parsed.GetRequiredValue(source), parsed.GetValue(reference));
                ImageBuildCommand.Print(parsed.InvocationConfiguration.Output, await RootImageBuilder.BuildAsync(image, file, cancellation), parsed.GetValue(json));
            }
            finally
            {
                File.Delete(file);
            }

            return CommandLine.Done;
        });
        return command;
    }
}
