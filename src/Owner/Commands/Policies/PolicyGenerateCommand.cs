using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Generation;
using Pavise.Owner.Policies.Kubernetes;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands.Policies;

/// <summary>`pavise policy generate SOURCE…`: a complete policy from an image, or from Kubernetes YAML and its images.</summary>
internal static class PolicyGenerateCommand
{
    private static readonly Argument<string[]> Sources = new("SOURCE") { Description = "An image (OCI layout, OCI or docker archive, docker://NAME), or Kubernetes YAML files.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string[]> Images = new("--image") { Description = "REFERENCE=SOURCE: where an image of the YAML is (repeatable)." };
    private static readonly Option<bool> Pull = new("--pull") { Description = "Fetch images that no --image names from their registry, by skopeo." };
    private static readonly Option<string?> Tag = new("--ref") { Description = "Which image, where an image source holds several." };
    private static readonly Option<string?> Workload = new("--workload") { Description = "KIND/NAME, where the YAML has several workloads." };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "The file to write; standard output without it." };
    private static readonly Option<string?> Name = new("--name") { Description = "The policy's name [the workload's]." };
    private static readonly Option<long> Version = new("--policy-version") { Description = "The policy's version.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Logs = Words("--logs", "Who reads standard output and error", "none", "host", "owner");
    private static readonly Option<string> Secrets = Words("--secrets", "Where Secrets come from: auto pins files of Secrets given beside and takes variables from the key broker", "auto", "broker", "host");
    private static readonly Option<string> Persistent = Words("--persistent", "What a persistent volume claim becomes", "encrypted", "memory");
    private static readonly Option<string> VolumeSize = new("--volume-size") { Description = "Size of a volume for which nothing is written.", DefaultValueFactory = _ => "64Mi" };
    private static readonly Option<string?> Writable = new("--writable-root") { Description = "SIZE: the application may write to its root, and what it writes can be executed." };
    private static readonly Option<bool> NoNetwork = new("--no-network") { Description = "Leave ports out." };
    private static readonly Option<string?> Broker = new("--key-broker") { Description = "https://HOST:PORT of the key broker." };
    private static readonly Option<string?> BrokerKey = new("--key-broker-key") { Description = "spki-sha256:… of its key." };
    private static readonly Option<string[]> Tees = new("--tee") { Description = "snp, tdx or sim (repeatable) [snp tdx]." };
    private static readonly Option<bool> Detailed = new("--detailed-errors") { Description = "The host hears rule, reason and hint of refusals." };
    private static readonly Option<int> Restarts = new("--restarts") { Description = "restarts.max where the cluster restarts without end.", DefaultValueFactory = _ => 10 };
    private static readonly Option<bool> Strict = new("--strict") { Description = "Refuse what would have no effect." };
    private static readonly Option<string[]> Without = new("--without-volume") { Description = "A volume to leave out (repeatable)." };
    private static readonly Option<string?> User = new("--user") { Description = "UID:GID or name, instead of the image's user (image only)." };

    internal static Command Create()
    {
        Command command = new("generate", "Makes a complete policy from an image or from Kubernetes YAML, with comments where a human must choose. Warnings go to standard error.")
        {
            Sources, Images, Pull, Tag, Workload, Output, Name, Version, Logs, Secrets, Persistent, VolumeSize, Writable, NoNetwork, Broker, BrokerKey, Tees, Detailed, Restarts, Strict, Without, User,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string[] sources = parsed.GetRequiredValue(Sources);
        GenerateOptions options = Options(parsed);
        Remarks remarks = new();
        PolicyDraft draft;
        if (sources is [var only] && IsImage(only))
        {
            string name = options.Name ?? NameOf(only, parsed.GetValue(Tag));
            draft = ImageGenerator.Generate(await ImageSources.ReadAsync(only, only.StartsWith("docker://", StringComparison.Ordinal) ? only[9..] : Path.GetFileName(only.TrimEnd('/')), parsed.GetValue(Tag), cancellation), name, options, remarks);
        }
        else
        {
            Manifest manifest = Manifest.Read(sources);
            ImageSources images = new(ImageSources.Parse(parsed.GetValue(Images) ?? []), parsed.GetValue(Pull));
            draft = await PodGenerator.GenerateAsync(manifest.Choose(parsed.GetValue(Workload)), manifest, images, options, remarks, cancellation);
        }

        string yaml = PolicyWriter.Write(draft, options);
        PolicyDocument policy = PolicySourceFile.Parse(parsed.GetValue(Output) ?? "the generated policy", yaml);
        TextWriter errors = parsed.InvocationConfiguration.Error;
        foreach ((string id, string place, string message) in remarks.Warnings)
        {
            errors.WriteLine($"warning: {(place.Length > 0 ? place + ": " : "")}{message} [{id}]");
        }

        foreach (Owner.Policies.Lints.Finding finding in Owner.Policies.Lints.PolicyLints.Check(policy))
        {
            errors.WriteLine($"warning: {finding.Path}: {finding.Message} [{finding.Id}]");
        }

        if (parsed.GetValue(Output) is { } file)
        {
            File.WriteAllText(file, yaml);
        }
        else
        {
            parsed.InvocationConfiguration.Output.Write(yaml);
        }

        return CommandLine.Done;
    }

    private static GenerateOptions Options(ParseResult parsed)
    {
        string[] tees = parsed.GetValue(Tees) ?? [];
        if (parsed.GetValue(Broker) is null != parsed.GetValue(BrokerKey) is null)
        {
            throw new OwnerException("--key-broker and --key-broker-key belong together", "pavise kb init prints both");
        }

        return new()
        {
            Name = parsed.GetValue(Name),
            Version = parsed.GetValue(Version),
            Logs = parsed.GetRequiredValue(Logs),
            Secrets = parsed.GetRequiredValue(Secrets),
            Persistent = parsed.GetRequiredValue(Persistent),
            VolumeSize = parsed.GetRequiredValue(VolumeSize),
            WritableRoot = parsed.GetValue(Writable),
            Network = !parsed.GetValue(NoNetwork),
            KeyBrokerUrl = parsed.GetValue(Broker),
            KeyBrokerKey = parsed.GetValue(BrokerKey),
            Tees = tees.Length > 0 ? tees : ["snp", "tdx"],
            DetailedErrors = parsed.GetValue(Detailed),
            Restarts = parsed.GetValue(Restarts),
            Strict = parsed.GetValue(Strict),
            WithoutVolumes = parsed.GetValue(Without) ?? [],
            User = parsed.GetValue(User),
        };
    }

    /// <summary>A registry's name, a folder, or an archive: tar has its mark at 257 (POSIX ustar, GNU).</summary>
    private static bool IsImage(string source)
    {
        if (source.StartsWith("docker://", StringComparison.Ordinal) || Directory.Exists(source))
        {
            return true;
        }

        if (!File.Exists(source))
        {
            return false;
        }

        byte[] head = new byte[262];
        using FileStream file = File.OpenRead(source);
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.AsSpan(257).StartsWith("ustar"u8);
    }

    private static string NameOf(string source, string? tag)
    {
        string last = (tag ?? source).TrimEnd('/').Split('/')[^1].Split('@')[0].Split(':')[0];
        last = last.EndsWith(".tar", StringComparison.Ordinal) ? last[..^4] : last;
        string name = string.Concat(last.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return name.Length is > 0 and <= 63 ? name : "application";
    }

    private static Option<string> Words(string name, string description, params string[] words)
    {
        Option<string> option = new(name) { Description = $"{description}: {string.Join(", ", words)}.", DefaultValueFactory = _ => words[0] };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
