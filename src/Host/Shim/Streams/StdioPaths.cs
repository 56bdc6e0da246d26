namespace Pavise.Host.Shim.Streams;

/// <summary>Where containerd wants a process's standard streams: fifo paths or addresses; empty for none.</summary>
/// <param name="Stdin">Standard input.</param>
/// <param name="Stdout">Standard output; with a terminal everything it shows.</param>
/// <param name="Stderr">Standard error; unused with a terminal.</param>
/// <param name="Terminal">Whether the process gets a terminal.</param>
internal sealed record StdioPaths(string Stdin, string Stdout, string Stderr, bool Terminal);
