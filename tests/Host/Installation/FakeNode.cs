using Pavise.Host.Installation;

namespace Pavise.Host.Tests.Installation;

/// <summary>A node's root in a folder, a payload in another, and a containerd that reads the configuration when it is restarted.</summary>
internal sealed class FakeNode : INodeControl, IDisposable
{
    public const string ConfigurationPath = "/etc/containerd/config.toml";

    public FakeNode()
    {
        Folder = Directory.CreateTempSubdirectory("pavise-node-").FullName;
        Payload = Directory.CreateTempSubdirectory("pavise-payload-").FullName;
        foreach (string file in new[] { "bin/pavise-runtime", "bin/containerd-shim-pavise-v2" }.Concat(new[] { "vmlinuz", "initrd.img", "manifest.json", "sbom.spdx.json" }.Select(f => $"guest/production/{f}")))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Payload, file))!);
            File.WriteAllText(Path.Combine(Payload, file), $"content of {file}");
        }

        Write("/usr/bin/qemu-system-x86_64", "");
        Write("/usr/lib/systemd/system/containerd.service", "");
        Directory.CreateDirectory(Path.Combine(Folder, "usr/local/bin"));
    }

    public string Folder { get; }

    public string Payload { get; }

    public int Restarts { get; private set; }

    /// <summary>Whether containerd comes up with the given configuration.</summary>
    public Func<string, bool> ComesUp { get; set; } = _ => true;

    /// <summary>What containerd says of a candidate.</summary>
    public string? Objection { get; set; }

    /// <summary>Runs when containerd restarts, as k3s's generator does.</summary>
    public Action? OnRestart { get; set; }

    public bool UserExists { get; private set; }

    public string Read(string path) => File.ReadAllText(Folder + path);

    public bool Exists(string path) => File.Exists(Folder + path);

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Folder + path)!);
        File.WriteAllText(Folder + path, text);
    }

    /// <summary>Every file and folder with its content, for comparisons.</summary>
    public SortedDictionary<string, string> Everything() => new(Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => f[Folder.Length..], f => File.Exists(f) ? $"{File.GetUnixFileMode(f)} {File.ReadAllText(f)}" : "folder"), StringComparer.Ordinal);

    public async Task<string> InstallAsync(Func<InstallOptions, InstallOptions>? change = null)
    {
        StringWriter output = new();
        await new Installer(Options(change), this, TimeProvider.System, output).RunAsync(TestContext.Current.CancellationToken);
        return output.ToString();
    }

    public async Task<string> UninstallAsync(Func<InstallOptions, InstallOptions>? change = null)
    {
        StringWriter output = new();
        await new Uninstaller(Options(change), this, TimeProvider.System, output).RunAsync(TestContext.Current.CancellationToken);
        return output.ToString();
    }

    public Task<string?> CheckAsync(string configuration, CancellationToken cancellation) =>
        Task.FromResult(File.Exists(Folder + configuration) ? Objection : "the candidate is not there");

    public Task RestartAsync(string service, CancellationToken cancellation)
    {
        Restarts++;
        OnRestart?.Invoke();
        return Task.CompletedTask;
    }

    public Task<bool> AnswersAsync(string socket, CancellationToken cancellation) => Task.FromResult(ComesUp(Exists(ConfigurationPath) ? Read(ConfigurationPath) : ""));

    public Task<bool> AddUserAsync(string name, CancellationToken cancellation)
    {
        bool made = !UserExists;
        UserExists = true;
        return Task.FromResult(made);
    }

    public Task RemoveUserAsync(string name, CancellationToken cancellation)
    {
        UserExists = false;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(Payload, recursive: true);
    }

    private InstallOptions Options(Func<InstallOptions, InstallOptions>? change)
    {
        InstallOptions options = new(new HostRoot(Folder), Payload) { Machine = "tcg", Patience = TimeSpan.Zero };
        return change?.Invoke(options) ?? options;
    }
}
