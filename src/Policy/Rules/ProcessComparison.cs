using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;

namespace Pavise.Policy.Rules;

/// <summary>What of a host's process object has no effect: variables that no entry declares, and values that the policy pins otherwise.</summary>
internal static class ProcessComparison
{
    /// <summary>Variables that engines set for every container, whoever asks: dropped without blame.</summary>
    private static readonly string[] EngineVariables = ["HOME", "HOSTNAME", "TERM", "container", "PATH"];

    public static void Compare(Findings findings, OciProcess asked, ProcessEntry entry, ImmutableArray<string> effective)
    {
        Environment(findings, asked.Env, entry, effective);
        Capabilities(findings, asked.Capabilities, entry);
        if (asked.NoNewPrivileges == false && entry.NoNewPrivileges)
        {
            findings.Add("process.noNewPrivileges", "process.noNewPrivileges", more: true);
        }

        if (!asked.AdditionalGids.SequenceEqual(entry.AdditionalGids) && !asked.AdditionalGids.IsEmpty)
        {
            // Engines repeat the group itself.
            findings.Add("process.user.additionalGids", "process.user", more: asked.AdditionalGids.Any(g => g != asked.Gid && !entry.AdditionalGids.Contains(g)));
        }

        if (asked.Umask is { } umask && umask != (entry.Umask ?? 0x12))
        {
            findings.Add("process.user.umask", "process.umask", more: entry.Written.Contains("umask"));
        }

        if (asked.Rlimits.Any(r => !entry.Rlimits.Any(e => e.Type == r.Type && e.Soft == r.Soft && e.Hard == r.Hard)))
        {
            findings.Add("process.rlimits", "process.rlimits", more: entry.Written.Contains("rlimits"));
        }

        if (asked.OomScoreAdj is { } score && score != (entry.OomScoreAdj ?? 0))
        {
            findings.Add("process.oomScoreAdj", "process.oomScoreAdj", more: entry.Written.Contains("oomScoreAdj"));
        }

        if (asked.ApparmorProfile.Length > 0)
        {
            findings.Add("process.apparmorProfile", "process", more: false);
        }

        if (asked.SelinuxLabel.Length > 0)
        {
            findings.Add("process.selinuxLabel", "process", more: false);
        }

        foreach (string member in asked.Ignored.Concat(asked.Unknown))
        {
            findings.Add($"process.{member}", "process", more: false);
        }
    }

    private static void Environment(Findings findings, ImmutableArray<string> asked, ProcessEntry entry, ImmutableArray<string> effective)
    {
        foreach (string assignment in asked)
        {
            if (effective.BinarySearch(assignment, StringComparer.Ordinal) >= 0 || effective.Contains(assignment))
            {
                continue;
            }

            string name = EnvNames.Of(assignment).ToString();
            bool pinned = entry.Env.Any(e => e.Name == name);
            findings.Add($"process.env[{(name.Length <= 64 ? name : name[..64])}]", pinned ? $"process.env.{name}" : "process.env", more: pinned || !EngineVariables.Contains(name));
        }
    }

    private static void Capabilities(Findings findings, OciCapabilities? asked, ProcessEntry entry)
    {
        if (asked is null)
        {
            return;
        }

        bool more = new[] { asked.Bounding, asked.Effective, asked.Permitted, asked.Inheritable, asked.Ambient }.Any(set => set.Any(c => !entry.Capabilities.Contains(c)));
        if (more || (!asked.Ambient.IsEmpty && !entry.AmbientCapabilities))
        {
            findings.Add("process.capabilities", "process.capabilities", more: true);
        }
    }
}
