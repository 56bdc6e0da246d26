namespace Pavise.Policy;

/// <summary>The maximum of everything that the policy engine reads or keeps, each with its reason.</summary>
public static class PolicyLimits
{
    /// <summary>Bytes of a canonical policy: 100 containers with 100 exec entries each stay below 512 KiB.</summary>
    public const int PolicyBytes = 1024 * 1024;

    /// <summary>Bytes of a host's OCI object: containerd's largest (300 mounts, 1,000 variables) stay below 256 KiB.</summary>
    public const int OciBytes = 1024 * 1024;

    /// <summary>Nesting of JSON: a policy needs 8, an OCI configuration 7; the reader recurses once a level.</summary>
    public const int JsonDepth = 24;

    /// <summary>JSON values of one document: what one MiB of short values can hold, so that a parse has a bounded cost.</summary>
    public const int JsonValues = 200_000;

    /// <summary>Characters of one string in a policy: Linux limits one argument or variable to 128 KiB; a policy writes them by hand.</summary>
    public const int TextChars = 16 * 1024;

    /// <summary>Characters of a name in a policy (container, volume, owner): a DNS label, so that orchestrators can use it.</summary>
    public const int NameChars = 63;

    /// <summary>Characters of a path: Linux PATH_MAX without its NUL.</summary>
    public const int PathChars = 4095;

    /// <summary>Characters of a host name: Linux HOST_NAME_MAX.</summary>
    public const int HostnameChars = 64;

    /// <summary>Containers of one policy: kubelet runs at most 110 pods a node, and a pod of more than 100 containers is unheard of.</summary>
    public const int Containers = 128;

    /// <summary>Elements of any other list or map of a policy.</summary>
    public const int ListItems = 1024;

    /// <summary>Resources that one sealed value may choose from: a key and the ones it is changed to, or some secrets of one application.</summary>
    public const int SealedResources = 16;

    /// <summary>Characters of a sealed variable: the kernel takes strings of 128 KiB, base64 twice makes 16/9 of that, and the key and the names stand beside it.</summary>
    public const int SealedVariableChars = 256 * 1024;

    /// <summary>Instances of one container at once.</summary>
    public const int Instances = 1024;

    /// <summary>Seconds of an instance lease: renewed three times as often, so that ten seconds bear a slow broker; a day is the broker's own maximum; a minute where the policy says nothing.</summary>
    public const int LeaseLeastSeconds = 10, LeaseMostSeconds = 24 * 3600, LeaseSeconds = 60;

    /// <summary>Restarts of one container in one boot.</summary>
    public const int Restarts = 1_000_000;

    /// <summary>Characters of a <c>matches</c> expression: one line for a reader.</summary>
    public const int PatternChars = 256;

    /// <summary>Instructions of a compiled expression: the matcher's working memory (four 16-bit sets) stays on the stack.</summary>
    public const int PatternInstructions = 1024;

    /// <summary>Characters of a value that an expression is tried on: with the instructions it bounds a match to some milliseconds.</summary>
    public const int PatternInputChars = 4096;

    /// <summary>Bytes of a size: 1 PiB, far above any guest.</summary>
    public const ulong SizeBytes = 1UL << 50;

    /// <summary>Thousandths of a CPU: 4,096 CPUs.</summary>
    public const int MilliCpus = 4096 * 1000;

    /// <summary>Bytes of one file from the host: the limit of a Kubernetes ConfigMap or Secret.</summary>
    public const ulong HostFileBytes = 1024 * 1024;

    /// <summary>Least size of an encrypted volume's image: its header, the journal, and a file system that has room for something.</summary>
    public const ulong EncryptedVolumeBytes = 32 * 1024 * 1024;

    /// <summary>Processes of a <c>pids</c> maximum: Linux PID_MAX_LIMIT.</summary>
    public const long Pids = 4_194_304;

    /// <summary>Notes kept of one request; the rest is one note that counts them, so that a host cannot flood the audit.</summary>
    public const int Notes = 64;

    /// <summary>Containers remembered at once, deleted ones left out: eight times what a policy may name.</summary>
    public const int LiveContainers = 1024;

    /// <summary>Execs remembered at once in one container: each holds a process and its streams in the guest.</summary>
    public const int LiveExecs = 256;

    /// <summary>Owner sessions at once, those that ended and were not removed included: each has a TLS connection and its buffers.</summary>
    public const int Sessions = 64;

    /// <summary>Ids used in one boot: 8 bytes each; a probe every 10 seconds needs more than a year for them.</summary>
    public const int UsedIds = 4_000_000;

    /// <summary>Nanoseconds by which the host may move the clock forward after the first setting, all its corrections of one boot together: an hour, more than any drift, less than a certificate's life.</summary>
    public const long ClockJumpNs = 3600L * 1_000_000_000;

    /// <summary>Latest time that is believed: 2100-01-01, in nanoseconds since 1970.</summary>
    public const long ClockLatestNs = 4_102_444_800L * 1_000_000_000;

    /// <summary>Earliest time that is believed: 2026-01-01, in nanoseconds since 1970; the program is not older.</summary>
    public const long ClockEarliestNs = 1_767_225_600L * 1_000_000_000;
}
