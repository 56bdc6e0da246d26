namespace Pavise.Host.Machines;

/// <summary>What the choice of a machine looks at; faked in tests.</summary>
public interface IHostFacts
{
    /// <summary>Whether a device node or file exists.</summary>
    bool Exists(string path);

    /// <summary>The beginning of a small file, or null if it cannot be read.</summary>
    string? ReadText(string path);
}
