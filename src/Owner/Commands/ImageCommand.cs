using System.CommandLine;

namespace Pavise.Owner.Commands;

/// <summary>`pavise image`: what an image's verified root is.</summary>
internal static class ImageCommand
{
    internal static Command Create() => new("image", "Root images: the verified file systems that policies name.") { ImageBuildCommand.Create(), ImageHashCommand.Create() };
}
