#if PAVISE_DEVELOPMENT
using System.Collections.Immutable;
using System.Text.Json;
using Pavise.Boundary;
using Pavise.Boundary.Ttrpc;
using Pavise.Policy;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>
/// Unshielded mode, in development guest images only: the container is what the host's specification says, as far as a pVM can be that.
/// Bind mounts become files that the host brings; hooks, id mappings and unknown file systems are refused.
/// </summary>
internal static partial class UnshieldedConfig
{
    private const int MostDepth = 32;
    private static readonly string[] FileSystems = ["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"];
    private static readonly StdioPlan AllStreams = new(StreamTarget.Host, StreamTarget.Host, StreamTarget.Host, Terminal: false);

    /// <summary>The blueprint of the host's specification.</summary>
    /// <exception cref="TtrpcException">It asks for what a pVM cannot be, or is malformed.</exception>
    public static Blueprint Blueprint(string id, RootHash root, byte[] spec) => Reading(spec, document =>
    {
        if (NonEmpty(document, "hooks"))
        {
            throw Invalid("hooks are refused: they would run host programs inside the pVM");
        }

        JsonElement linux = Member(document, "linux");
        if (NonEmpty(linux, "uidMappings") || NonEmpty(linux, "gidMappings"))
        {
            throw Invalid("id mappings are refused");
        }

        JsonElement process = Member(document, "process");
        JsonElement user = Member(process, "user");
        JsonElement size = Member(process, "consoleSize");
        JsonElement owned = document.Clone();
        return new Blueprint
        {
            ContainerId = id,
            Root = root,
            RootReadOnly = IsTrue(Member(document, "root"), "readonly"),
            OverlayBytes = 0,
            Stdio = AllStreams with { Terminal = IsTrue(process, "terminal") },
            Columns = Number(size, "width"),
            Rows = Number(size, "height"),
            User = (Number(user, "uid"), Number(user, "gid")),
            Mounts = Mounts(document),
            Compose = layout => Compose(owned, layout),
        };
    });

    /// <summary>Streams, terminal size and the launcher's configuration of an exec.</summary>
    public static (StdioPlan Stdio, uint Columns, uint Rows, byte[] Configuration) Exec(byte[] process) => Reading(process, document =>
    {
        JsonElement size = Member(document, "consoleSize");
        return (AllStreams with { Terminal = IsTrue(document, "terminal") }, Number(size, "width"), Number(size, "height"), Write(json => WriteProcessMembers(json, document)));
    });

    /// <summary>Limits as the host wants them.</summary>
    public static ResourcesPlan Resources(byte[] resources) => Reading(resources, document =>
    {
        JsonElement cpu = Member(document, "cpu");
        return new ResourcesPlan
        {
            MemoryBytes = Long(Member(document, "memory"), "limit") is { } memory and > 0 ? (ulong)memory : null,
            CpuQuotaUs = Long(cpu, "quota"),
            CpuPeriodUs = Long(cpu, "period") is { } period and > 0 ? (ulong)period : null,
            CpuShares = Long(cpu, "shares") is { } shares and > 0 ? (ulong)shares : null,
            Pids = Long(Member(document, "pids"), "limit"),
        };
    });

    private static ImmutableArray<MountPlan> Mounts(JsonElement document)
    {
        ImmutableArray<MountPlan>.Builder mounts = ImmutableArray.CreateBuilder<MountPlan>();
        foreach (JsonElement mount in Items(document, "mounts"))
        {
            string destination = Text(mount, "destination");
            if (IsBind(mount))
            {
                mounts.Add(new MountPlan(destination, MountKind.HostFiles) { Files = [new HostFilePlan("", null, BoundaryLimits.HostFileBytes)] });
            }
            else if (FileSystems.Contains(Text(mount, "type")))
            {
                mounts.Add(new MountPlan(destination, MountKind.Tmpfs));
            }
            else
            {
                throw Invalid($"a mount of type {Text(mount, "type")} at {destination} cannot be made in a pVM");
            }
        }

        return mounts.ToImmutable();
    }

    private static bool IsBind(JsonElement mount) =>
        Text(mount, "type") == "bind" || Items(mount, "options").Any(o => o.ValueKind == JsonValueKind.String && o.GetString() is "bind" or "rbind");

    private static T Reading<T>(byte[] bytes, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MostDepth });
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw Invalid($"the specification is malformed: {e.Message}");
        }
    }

    private static TtrpcException Invalid(string message) => new(TtrpcStatus.InvalidArgument, message);

    private static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : default;

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    private static string Text(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private static bool IsTrue(JsonElement parent, string name) => Member(parent, name).ValueKind == JsonValueKind.True;

    private static uint Number(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetUInt32() : 0;

    private static long? Long(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static bool NonEmpty(JsonElement parent, string name) => Member(parent, name) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.GetArrayLength() > 0,
        { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().Any(m => m.Value is not { ValueKind: JsonValueKind.Array } inner || inner.GetArrayLength() > 0),
        _ => false,
    };
}
#endif
