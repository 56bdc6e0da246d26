using Pavise.Owner.Policies.Drafts;
namespace Pavise.Owner.Policies.Generation;

/// <summary>The draft of a policy for one image, run as docker, podman or ctr run it.</summary>
internal static class ImageGenerator
{
    public static PolicyDraft Generate(ImageFacts image, string name, GenerateOptions options, Remarks remarks)
    {
        PolicyDraft draft = new() { Name = options.Name ?? name, Version = options.Version, AnyHostname = true, Memory = "512Mi", MemoryComment = "choose", Cpus = "1" };
        draft.Header.Add($"for the image {image.Reference}");
        ContainerDraft container = new() { Name = draft.Name, Image = image };
        container.Args.AddRange(image.Configuration.Entrypoint.Concat(image.Configuration.Cmd).Select(w => new DraftValue(w)));
        if (container.Args.Count == 0)
        {
            throw new OwnerException($"image {image.Reference} names no program to run", "say which: give an OCI image with Entrypoint or Cmd, or Kubernetes YAML with a command");
        }

        PodEnvironment.AddImage(container);
        string cwd = image.Configuration.WorkingDir;
        container.Cwd = cwd.Length == 0 ? "/" : Pavise.Policy.Paths.IsPlainAbsolute(cwd) ? cwd
            : throw new OwnerException($"the image's working directory '{cwd}' is not written in its shortest form, and a policy compares it letter by letter", "build the image with a plain absolute WorkingDir");
        UserFacts user = image.Users.Resolve(options.User ?? image.Configuration.User, image.Reference);
        (container.Uid, container.Gid) = (user.Uid, user.Gid);
        container.Groups.UnionWith(user.Groups.Where(g => g != user.Gid));
        container.UserComment = options.User is not null ? "" : image.Configuration.User.Length == 0 ? "the image names no user: root; choose another where you can" : $"the image's {image.Configuration.User}";
        if (user.Uid == 0)
        {
            container.CapabilityComment = "root without capabilities; add what the program needs, and no more";
        }

        if (PodPorts.Signal(image.Configuration.StopSignal) is { } signal)
        {
            container.Signals.Add(signal);
        }

        Healthcheck(image, container);
        Ports(image, draft, options, remarks);
        AddWritable(container, options, readOnly: false, draft, remarks);
        draft.Containers.Add(container);
        return draft;
    }

    /// <summary>Places that the application may want to write, since the root is the verified image: the image's volumes, and its folders for temporary files.</summary>
    public static void AddWritable(ContainerDraft container, GenerateOptions options, bool readOnly, PolicyDraft draft, Remarks remarks)
    {
        foreach (string raw in container.Image.Configuration.Volumes)
        {
            string path = raw.Length > 1 ? raw.TrimEnd('/') : raw;
            if (Pavise.Policy.Paths.IsPlainAbsolute(path) && path != "/" && !container.Mounts.Any(m => m.Path == path))
            {
                string letters = string.Concat($"{container.Name}{path}".ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
                string volume = (letters.Length > Pavise.Policy.PolicyLimits.NameChars ? letters[..Pavise.Policy.PolicyLimits.NameChars] : letters).TrimEnd('-');
                draft.Volumes[volume] = new($"{{ kind: memory, size: {options.VolumeSize}, mode: \"1777\" }}", "choose: a volume that the image declares; memory is lost with the pVM");
                container.Mounts.Add(new(path, $"volume: {volume}", "declared by the image"));
                remarks.Warn("volume-size", null, $"the image {container.Image.Reference} declares a volume at {path}; {options.VolumeSize} of memory are written");
            }
        }

        if (readOnly || options.WritableRoot is not null)
        {
            return;
        }

        foreach (string path in container.Image.Folders.Order(StringComparer.Ordinal).Where(p => p is "/tmp" or "/run" or "/var/tmp" || (p == "/var/run" && !container.Image.Folders.Contains("/run"))))
        {
            if (!container.Mounts.Any(m => m.Path == path || m.Path.StartsWith(path + "/", StringComparison.Ordinal)))
            {
                container.Mounts.Add(new(path, "tmpfs: 16Mi", "remove it where the application writes nothing there"));
            }
        }
    }

    private static void Healthcheck(ImageFacts image, ContainerDraft container)
    {
        IReadOnlyList<string> test = image.Configuration.Healthcheck;
        if (test.Count > 1 && test[0] is "CMD" or "CMD-SHELL")
        {
            container.Exec.Add(new([.. (test[0] == "CMD" ? test.Skip(1) : ["/bin/sh", "-c", test[1]]).Select(w => new DraftValue(w))], "the image's health check"));
        }
    }

    private static void Ports(ImageFacts image, PolicyDraft draft, GenerateOptions options, Remarks remarks)
    {
        foreach (string port in options.Network ? image.Configuration.ExposedPorts : [])
        {
            string[] parts = port.Split('/', 2);
            if (!int.TryParse(parts[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535 || (parts.Length == 2 && parts[1] != "tcp"))
            {
                remarks.Warn("port-protocol", null, $"the image exposes {port}: ingress is single TCP ports only, it stays closed");
                continue;
            }

            draft.Ingress[number] = "exposed by the image";
        }
    }
}
