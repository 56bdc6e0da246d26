namespace Pavise.Host.Installation;

/// <summary>Replaces containerd's configuration and restarts it; when it does not answer afterwards, everything is as before.</summary>
internal sealed class ContainerdChange(HostRoot root, INodeControl control, TimeProvider time, TextWriter output)
{
    private const string Candidate = ".pavise-candidate";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Carries out the change.</summary>
    /// <param name="target">The node's containerd.</param>
    /// <param name="before">The file's bytes; null when there was none.</param>
    /// <param name="after">Its new bytes; null to remove it.</param>
    /// <param name="mustKnow">Whether the new configuration has the runtime, which containerd itself is asked to confirm.</param>
    /// <param name="patience">How long it may take to answer.</param>
    /// <param name="cancellation">Cancels waiting; the change itself is then undone.</param>
    /// <exception cref="HostException">It was refused or failed, and was undone.</exception>
    public async Task ApplyAsync(ContainerdTarget target, byte[]? before, byte[]? after, bool mustKnow, TimeSpan patience, CancellationToken cancellation)
    {
        string path = root.Map(target.Configuration);
        UnixFileMode mode = File.Exists(path) ? File.GetUnixFileMode(path) : NodeFiles.Data;
        if (after is not null && mustKnow && target.Generated is null)
        {
            await RequireAcceptedAsync(target.Configuration, path, after, mode, cancellation);
        }

        Put(path, after, mode);
        output.WriteLine($"{target.Configuration}: {(after is null ? "removed" : "written")}");
        if (target.Service is null)
        {
            output.WriteLine("containerd was not restarted; it reads the configuration at its next start");
            return;
        }

        try
        {
            await RestartAsync(target, patience, cancellation);
            if (mustKnow && target.Generated is { } generated && !RuntimeStands(generated))
            {
                throw new HostException($"{generated} has no runtime {RuntimeBlock.Runtime} after the restart: this version does not read {target.Configuration}");
            }
        }
        catch (Exception e) when (e is HostException or OperationCanceledException)
        {
            Put(path, before, mode);
            output.WriteLine($"{target.Configuration}: put back, since: {e.Message}");
            await RestartAsync(target, patience, CancellationToken.None);
            throw new HostException($"{e.Message}. The configuration from before is in place again and {target.Service} answers", e);
        }
    }

    private async Task RequireAcceptedAsync(string name, string path, byte[] after, UnixFileMode mode, CancellationToken cancellation)
    {
        NodeFiles.Write(path + Candidate, after, mode);
        try
        {
            if (await control.CheckAsync(name + Candidate, cancellation) is { } problem)
            {
                throw new HostException($"containerd does not accept the new {name}, so nothing was changed: {problem}");
            }
        }
        finally
        {
            File.Delete(path + Candidate);
        }
    }

    private async Task RestartAsync(ContainerdTarget target, TimeSpan patience, CancellationToken cancellation)
    {
        output.WriteLine($"restarting {target.Service}");
        await control.RestartAsync(target.Service!, cancellation);
        for (long began = time.GetTimestamp(); !await control.AnswersAsync(target.Socket, cancellation);)
        {
            if (time.GetElapsedTime(began) > patience)
            {
                throw new HostException($"containerd does not answer at {target.Socket} {patience.TotalSeconds} s after its restart; see: journalctl -u {target.Service}");
            }

            await Task.Delay(Pause, time, cancellation);
        }

        output.WriteLine("containerd answers");
    }

    private bool RuntimeStands(string generated) =>
        ContainerdToml.Parse(File.ReadAllBytes(root.Map(generated)), generated) is var toml
        && new[] { ConfigurationMerge.PluginOfVersion2, ConfigurationMerge.PluginOfVersion3 }.Any(p => toml.Has("plugins", p, "containerd", "runtimes", RuntimeBlock.Runtime));

    private static void Put(string path, byte[]? bytes, UnixFileMode mode)
    {
        if (bytes is null)
        {
            File.Delete(path);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        NodeFiles.Write(path, bytes, mode);
    }
}
