using System.CommandLine;
using System.Text.Json.Nodes;
using Pavise.Images;

namespace Pavise.Owner.Commands;

/// <summary>`pavise image build SOURCE --output FILE`: the root image as the host makes it too.</summary>
internal static class ImageBuildCommand
{
    internal static Argument<string> Source() => new("SOURCE") { Description = "An OCI layout folder, an OCI or docker archive, or an unpacked root folder." };

    internal static Option<string?> Reference() => new("--ref") { Description = "Which image, where the source holds several." };

    internal static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    internal static Command Create()
    {
        Argument<string> source = Source();
        Option<string> output = new("--output", "-o") { Description = "The file to make.", Required = true };
        Option<string?> reference = Reference();
        Option<bool> json = Json();
        Command command = new("build", "Builds the root image of a container image: EROFS with its dm-verity tree.") { source, output, reference, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using ImageSource image = ImageSource.Open(parsed.GetRequiredValue(source), parsed.GetValue(reference));
            Print(parsed.InvocationConfiguration.Output, await RootImageBuilder.BuildAsync(image, parsed.GetRequiredValue(output), cancellation), parsed.GetValue(json));
            return CommandLine.Done;
        });
        return command;
    }

    internal static void Print(TextWriter output, RootImageInfo info, bool json)
    {
        string hash = $"verity-sha256:{info.RootHashHex}";
        output.WriteLine(json ? new JsonObject { ["rootfs"] = hash, ["dataBlocks"] = info.DataBlocks, ["bytes"] = info.FileBytes }.ToJsonString() : hash);
    }
}
