namespace Pavise.Images;

/// <summary>What an image says of how it is run (OCI image specification, config.md; docker's image specification 1.2 has the same names).</summary>
public sealed record ImageConfiguration
{
    /// <summary>Entrypoint: the first words of the argument vector.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];
    /// <summary>Cmd: the words after it.</summary>
    public IReadOnlyList<string> Cmd { get; init; } = [];
    /// <summary>Env, NAME=value.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];
    /// <summary>User: name or number, with a group after a colon; empty for root.</summary>
    public string User { get; init; } = "";
    /// <summary>WorkingDir; empty for the root.</summary>
    public string WorkingDir { get; init; } = "";
    /// <summary>ExposedPorts, such as 6379/tcp, in order.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];
    /// <summary>Volumes: paths that the image wants to be writable, in order.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];
    /// <summary>StopSignal; empty for TERM.</summary>
    public string StopSignal { get; init; } = "";
    /// <summary>Healthcheck.Test of docker's specification: CMD or CMD-SHELL and words.</summary>
    public IReadOnlyList<string> Healthcheck { get; init; } = [];
    /// <summary>The manifest's or configuration's digest, <c>sha256:…</c>; empty where the source has none.</summary>
    public string Digest { get; init; } = "";
}
