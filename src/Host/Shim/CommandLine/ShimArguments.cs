namespace Pavise.Host.Shim.CommandLine;

/// <summary>
/// The command line that containerd gives a shim: flags in the manner of Go's <c>flag</c> package (one or two dashes, <c>-name value</c> or
/// <c>-name=value</c>, switches without a value), then the action. The first word that is no flag ends the flags.
/// </summary>
internal sealed record ShimArguments
{
    private const string DefaultPublishBinary = "containerd";

    /// <summary>containerd's namespace.</summary>
    public string Namespace { get; private init; } = "";

    /// <summary>Address of containerd's gRPC socket.</summary>
    public string Address { get; private init; } = "";

    /// <summary>The program that publishes events where there is no ttrpc address.</summary>
    public string PublishBinary { get; private init; } = DefaultPublishBinary;

    /// <summary>The task.</summary>
    public string Id { get; private init; } = "";

    /// <summary>Its bundle; empty means the working directory.</summary>
    public string Bundle { get; private init; } = "";

    /// <summary>Path of the socket to serve; empty means descriptor 3.</summary>
    public string Socket { get; private init; } = "";

    public bool Debug { get; private init; }

    public bool Version { get; private init; }

    public bool Info { get; private init; }

    /// <summary><c>start</c>, <c>delete</c>, or empty: serve.</summary>
    public string Action { get; private init; } = "";

    /// <summary>Reads a command line.</summary>
    /// <exception cref="HostException">A flag is unknown or lacks its value.</exception>
    public static ShimArguments Parse(IReadOnlyList<string> words)
    {
        ShimArguments result = new();
        int next = 0;
        while (next < words.Count && words[next].StartsWith('-') && words[next].Length > 1)
        {
            string word = words[next++];
            if (word == "--")
            {
                break;
            }

            string[] parts = word.TrimStart('-').Split('=', 2);
            if (Switch(result, parts) is { } switched)
            {
                result = switched;
                continue;
            }

            string value = parts.Length == 2 ? parts[1] : next < words.Count ? words[next++] : throw new HostException($"the flag -{parts[0]} needs a value");
            result = With(result, parts[0], value);
        }

        return next < words.Count ? result with { Action = words[next] } : result;
    }

    private static ShimArguments? Switch(ShimArguments arguments, string[] parts)
    {
        if (parts[0] is not ("debug" or "v" or "info"))
        {
            return null;
        }

        bool on = parts.Length == 1 || parts[1] switch
        {
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            _ => throw new HostException($"the switch -{parts[0]} is true or false, not {parts[1]}"),
        };
        return parts[0] switch
        {
            "debug" => arguments with { Debug = on },
            "v" => arguments with { Version = on },
            _ => arguments with { Info = on },
        };
    }

    private static ShimArguments With(ShimArguments arguments, string name, string value) => name switch
    {
        "namespace" => arguments with { Namespace = value },
        "address" => arguments with { Address = value },
        "publish-binary" => arguments with { PublishBinary = value },
        "id" => arguments with { Id = value },
        "bundle" => arguments with { Bundle = value },
        "socket" => arguments with { Socket = value },
        _ => throw new HostException($"unknown flag -{name}: this program is started by containerd (runtime io.containerd.pavise.v2)"),
    };
}
