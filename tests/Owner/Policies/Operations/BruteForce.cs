using Pavise.Owner.Policies.Operations;
using Pavise.Policy;
using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Owner.Tests.Policies.Operations;

/// <summary>Every request over the few values of <see cref="RandomPolicies"/>, without knowledge of the policies.</summary>
internal static class BruteForce
{
    private static readonly HashSet<string> Unbuilt = [CreateDecision.Unbuilt];
    private static readonly RootHash[] Roots = [RootHash.FromBytes(Convert.FromHexString(new string('1', 64))), RootHash.FromBytes(Convert.FromHexString(new string('2', 64)))];

    private static readonly OciProcess[] Processes =
    [
        .. from first in RandomPolicies.Texts
           from second in RandomPolicies.Texts.Prepend(null)
           from env in RandomPolicies.Texts.Prepend(null)
           from cwd in new[] { "/", "/w" }
           from uid in new[] { 0u, 1u }
           from terminal in new[] { false, true }
           where first.Length <= 2 && second is null or { Length: <= 2 }
           select new OciProcess { Args = second is null ? [first] : [first, second], Env = env is null ? [] : [$"X={env}"], Cwd = cwd, Uid = uid, Terminal = terminal },
    ];

    /// <summary>Requests to create a container: root, process, host name, memory, whether a file is brought.</summary>
    public static IEnumerable<CreateContainer> Creates(int every, int from)
    {
        int index = from;
        foreach (RootHash root in Roots)
        {
            foreach (OciProcess process in Processes)
            {
                foreach (string hostname in new[] { "", "a", "c" })
                {
                    foreach (long? memory in new long?[] { null, 150, 201 })
                    {
                        if (index++ % every == 0)
                        {
                            bool file = index % 3 != 0;
                            yield return new(Scene.Container, "", new OciSpec
                            {
                                Process = process,
                                Hostname = hostname,
                                Mounts = file ? [new("/f", "bind", "/x", [], false)] : [],
                                Linux = OciLinux.None with { Resources = new() { MemoryLimit = memory } },
                            }, root);
                        }
                    }
                }
            }
        }
    }

    public static IEnumerable<ExecProcess> Execs(int every, int from) => Processes.Where((p, i) => p.Args.Length == 1 && (i + from) % every == 0).Select(p => new ExecProcess(Scene.Container, "e", p));

    /// <summary>Whether the policy admits a container; the images of both policies are attached.</summary>
    public static bool Admits(PolicyDocument policy, CreateContainer request) => PolicyEngine.Decide(policy, Scene.Attached(policy) with { Attached = [.. Roots] }, request, Unbuilt).IsPermitted;

    /// <summary>The entry that a request selects, or null.</summary>
    public static string? Entry(PolicyDocument policy, CreateContainer request) =>
        (PolicyEngine.Decide(policy, Scene.Attached(policy) with { Attached = [.. Roots] }, request, Unbuilt).Plan as Pavise.Policy.Plans.ContainerPlan)?.Entry;

    public static bool Admits(PolicyDocument policy, string container, Request request) =>
        policy.Containers.FirstOrDefault(c => c.Name == container) is { } entry && PolicyEngine.Decide(policy, Scene.Running(policy, entry), request).IsPermitted;
}
