namespace Pavise.Owner.Policies.Generation;

/// <summary>What the owner chooses; everything else comes from image and YAML.</summary>
internal sealed record GenerateOptions
{
    /// <summary>metadata.name; null: the workload's.</summary>
    public string? Name { get; init; }
    public long Version { get; init; } = 1;
    /// <summary>none, host or owner.</summary>
    public string Logs { get; init; } = "none";
    /// <summary>auto, broker or host.</summary>
    public string Secrets { get; init; } = "auto";
    /// <summary>encrypted or memory.</summary>
    public string Persistent { get; init; } = "encrypted";
    /// <summary>Size of a memory volume for which the YAML names none.</summary>
    public string VolumeSize { get; init; } = "64Mi";
    /// <summary>Size of a writable root, or null for the verified image itself.</summary>
    public string? WritableRoot { get; init; }
    public bool Network { get; init; } = true;
    public string? KeyBrokerUrl { get; init; }
    public string? KeyBrokerKey { get; init; }
    public IReadOnlyList<string> Tees { get; init; } = ["snp", "tdx"];
    public bool DetailedErrors { get; init; }
    /// <summary>restarts.max where the pod restarts without end.</summary>
    public int Restarts { get; init; } = 10;
    public bool Strict { get; init; }
    /// <summary>Volumes to leave out.</summary>
    public IReadOnlyList<string> WithoutVolumes { get; init; } = [];
    /// <summary>UID:GID instead of the image's user, for an image without Kubernetes YAML.</summary>
    public string? User { get; init; }
}
