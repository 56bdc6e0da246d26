using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>volumes</c>.</summary>
internal static class VolumeParser
{
    private const uint TmpfsDefaultMode = 0x3ff; // 1777: what the kernel gives a tmpfs; only this pVM's containers see it.

    public static ImmutableSortedDictionary<string, VolumeEntry> Parse(Section root)
    {
        ImmutableSortedDictionary<string, VolumeEntry>.Builder volumes = ImmutableSortedDictionary.CreateBuilder<string, VolumeEntry>(StringComparer.Ordinal);
        foreach ((string name, Json.JsonValue value, string path) in root.Named("volumes"))
        {
            Section s = Section.Map(root.Problems, value, path);
            Values.Name(root.Problems, name, path);
            volumes[name] = ParseOne(name, s);
            s.Close();
        }

        return volumes.ToImmutable();
    }

    private static VolumeEntry ParseOne(string name, Section s)
    {
        s.Required("kind");
        VolumeKind kind = s.Word("kind", "memory", "encrypted", "shared") switch
        {
            "encrypted" => VolumeKind.Encrypted,
            "shared" => VolumeKind.Shared,
            _ => VolumeKind.Memory,
        };
        if (kind != VolumeKind.Shared)
        {
            s.Required("size");
        }

        ulong size = s.Size("size") ?? 0;
        string key = s.OptionalText("key") ?? "";
        bool fresh = s.Word("freshness", "none", "broker") == "broker";
        bool visible = s.Flag("visibleToHost", absent: false);
        uint mode = s.OptionalText("mode") is { } m ? Values.Mode(s.Problems, m, s.PathOf("mode")) : TmpfsDefaultMode;
        if (kind == VolumeKind.Encrypted)
        {
            Resources.Check(s.Problems, key, s.PathOf("key"));
            if (size is > 0 and < PolicyLimits.EncryptedVolumeBytes)
            {
                s.Problems.Add(s.PathOf("size"), $"an encrypted volume has at least {PolicyLimits.EncryptedVolumeBytes >> 20}Mi: its own bookkeeping takes part of it");
            }
        }
        else if (s.Has("key") || s.Has("freshness"))
        {
            s.Problems.Add(s.Path, "\"key\" and \"freshness\" belong to a volume of kind encrypted");
        }

        if (kind == VolumeKind.Shared != visible)
        {
            s.Problems.Add(s.Path, kind == VolumeKind.Shared ? "the host reads a shared volume: write visibleToHost: true to say so" : "\"visibleToHost\" belongs to a volume of kind shared");
        }

        return new(name, kind, size, key, fresh, visible, mode);
    }
}
