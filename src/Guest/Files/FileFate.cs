namespace Pavise.Guest.Files;

/// <summary>What all connections of a volume share: once one of them is out of step or silent, none is used.</summary>
internal sealed class FileFate
{
    private volatile string? broken;

    /// <summary>Why the volume is lost; null while it is not. The first reason stays.</summary>
    public string? Broken
    {
        get => broken;
        set => broken ??= value;
    }
}
