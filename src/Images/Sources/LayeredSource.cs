using Pavise.Images.Layers;

namespace Pavise.Images.Sources;

/// <summary>One layer as a manifest names it.</summary>
/// <param name="Name">Name of its file among the blobs.</param>
/// <param name="Digest">Digest of the file, or null.</param>
/// <param name="DiffId">Digest of the unpacked layer, or null.</param>
internal sealed record LayerReference(string Name, string? Digest, string? DiffId);

/// <summary>An image of layers: layout folder or archive.</summary>
internal sealed class LayeredSource(IBlobs blobs, string? reference) : ImageSource
{
    private readonly List<LayerFile> layers = [];

    public override ImageInode ReadTree(CancellationToken cancellation)
    {
        IReadOnlyList<LayerReference> references = blobs.Has("index.json") ? OciManifest.Layers(blobs, reference) : DockerManifest.Layers(blobs, reference);
        LayerStack stack = new();
        foreach (LayerReference layer in references)
        {
            LayerFile file = LayerFile.Prepare(layer.Name, () => blobs.Open(layer.Name), layer.Digest, layer.DiffId, cancellation);
            layers.Add(file);
            stack.Apply(layer.Name, file.Open, cancellation);
        }

        return stack.Root;
    }

    public override ImageConfiguration? ReadConfiguration() =>
        blobs.Has("index.json") ? OciManifest.Configuration(blobs, reference) : DockerManifest.Configuration(blobs, reference);

    protected override void Dispose(bool disposing)
    {
        layers.ForEach(l => l.Dispose());
        layers.Clear();
        blobs.Dispose();
    }
}
