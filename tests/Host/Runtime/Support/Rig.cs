using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Pavise.Boundary.GuestApi;
using Pavise.Host.Configuration;
using Pavise.Host.ImageCache;
using Pavise.Host.Runtime;
using Pavise.Host.Runtime.Containers;
using Pavise.Host.Visor;

namespace Pavise.Host.Tests.Runtime.Support;

/// <summary>The runtime with a fake node: each command line runs in this process, with its output captured.</summary>
internal sealed class Rig : IDisposable
{
    public const string Id = "c1";

    private readonly IGuestService service;
    private readonly List<Process> hostProcesses = [];
    private readonly Dictionary<string, FakeSandbox> sandboxes = [];

    public IEnumerable<FakeSandbox> Sandboxes => sandboxes.Values;

    public Rig()
    {
        (service, Guest) = FakeGuest.Make();
        Folder = Directory.CreateTempSubdirectory("pavise-rt-").FullName;
        BundleFolder = Directory.CreateDirectory(Path.Combine(Folder, "bundle")).FullName;
        Directory.CreateDirectory(Path.Combine(BundleFolder, "rootfs"));
        Config = new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["root"] = new JsonObject { ["path"] = "rootfs" },
            ["process"] = new JsonObject { ["args"] = new JsonArray("sh"), ["cwd"] = "/", ["env"] = new JsonArray("A=1") },
            ["annotations"] = new JsonObject { ["dev.pavise.policy"] = Annotation("{}") },
        };
    }

    public string Folder { get; }

    public string BundleFolder { get; }

    public string State => Path.Combine(Folder, "run");

    public JsonObject Config { get; }

    public FakeGuest Guest { get; }

    public HostConfiguration Configuration { get; set; } = new();

    /// <summary>What the last launch was asked for.</summary>
    public LaunchOptions? Launched { get; private set; }

    /// <summary>How many pVMs were started.</summary>
    public int Launches => sandboxes.Count;

    /// <summary>Steps that fail: launch, image, plug, process.</summary>
    public HashSet<string> Failing { get; } = [];

    public static string Annotation(string policy)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(policy));
        }

        return Convert.ToBase64String(stream.ToArray());
    }

    public async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        TextWriter output = Console.Out, error = Console.Error;
        using StringWriter capturedOutput = new(), capturedError = new();
        Console.SetOut(capturedOutput);
        Console.SetError(capturedError);
        try
        {
            int status = await RuntimeProgram.RunAsync(["--root", State, .. arguments], new Surroundings(() => Configuration, ImageAsync, LaunchAsync, d => sandboxes[d], (_, _, _) => StartProcess()));
            return (status, capturedOutput.ToString(), capturedError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    public Task<(int Status, string Output, string Error)> CreateAsync(params string[] more)
    {
        WriteConfig(Config.ToJsonString());
        return RunAsync(["create", "--bundle", BundleFolder, .. more, Id]);
    }

    public async Task StartedAsync()
    {
        Assert.Equal((0, "", ""), await CreateAsync());
        Assert.Equal((0, "", ""), await RunAsync("start", Id));
    }

    public void WriteConfig(string text) => File.WriteAllText(Path.Combine(BundleFolder, "config.json"), text);

    public async Task<string> StatusAsync() => (string)JsonNode.Parse((await RunAsync("state", Id)).Output)!["status"]!;

    /// <summary>Ends what stands for the container's first process.</summary>
    public void EndHostProcess()
    {
        foreach (Process process in hostProcesses)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public int RunningHostProcesses => hostProcesses.Count(p => !p.WaitForExit(p.HasExited ? 0 : 2000));

    /// <summary>Containers and sandboxes that still exist.</summary>
    public IReadOnlyList<string> Leftovers() => !Directory.Exists(State) ? [] : [.. Directory.EnumerateDirectories(State).SelectMany(Directory.EnumerateFileSystemEntries)];

    public void Dispose()
    {
        EndHostProcess();
        hostProcesses.ForEach(p => p.Dispose());
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<CachedImage> ImageAsync(HostConfiguration configuration, string root, CancellationToken cancellation)
    {
        await Task.Yield();
        return Failing.Contains("image") ? throw new HostException("the image cannot be built") : new CachedImage("/image", new byte[32], 5);
    }

    private Task<ISandbox> LaunchAsync(LaunchOptions options, CancellationToken cancellation)
    {
        Launched = options;
        return Failing.Contains("launch") ? throw new HostException("the pVM did not start")
            : Task.FromResult<ISandbox>(sandboxes[options.Directory] = new FakeSandbox(options.Directory, service) { PlugFails = Failing.Contains("plug") });
    }

    private Task<int> StartProcess()
    {
        if (Failing.Contains("process"))
        {
            throw new HostException("the host process did not start");
        }

        hostProcesses.Add(Process.Start("/bin/sleep", "1000"));
        return Task.FromResult(hostProcesses[^1].Id);
    }
}

/// <summary>These tests capture the console, of which there is one.</summary>
[CollectionDefinition(nameof(Commands), DisableParallelization = true)]
public sealed class Commands;
