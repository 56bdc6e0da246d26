using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;
using Pavise.Policy.Plans;
using Pavise.Policy.Seccomp;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>seccomp</c>: the name of a profile, or {base, deny, allow}.</summary>
internal static class SeccompParser
{
    private static readonly string[] Profiles = ["default", "strict"];

    /// <returns>The profile, and whether it is <c>strict</c> or adjusted from it: no memory becomes code.</returns>
    public static (SeccompPlan Plan, bool IsStrict) Parse(Section process)
    {
        JsonValue? value = process.Raw("seccomp");
        if (value is not { Kind: JsonKind.Object })
        {
            string named = process.Word("seccomp", Profiles) ?? "default";
            return (SeccompProfiles.Named(named), named == "strict");
        }

        Section s = process.Child("seccomp");
        s.Required("base");
        string name = s.Word("base", Profiles) ?? "default";
        List<string> deny = Names(s, "deny"), allow = Names(s, "allow");
        foreach (string call in allow)
        {
            if (SyscallSets.NeverAllowed.Contains(call))
            {
                s.Problems.Add(s.PathOf("allow"), $"{call} is refused in every profile");
            }
            else if (SyscallSets.Conditional.Contains(call))
            {
                s.Problems.Add(s.PathOf("allow"), $"{call} is permitted already, with conditions on its arguments that cannot be lifted");
            }
            else if (deny.Contains(call))
            {
                s.Problems.Add(s.PathOf("deny"), $"{call} is allowed and denied");
            }
        }

        s.Close();
        return (s.Problems.Any ? SeccompProfiles.Named("default") : SeccompProfiles.Adjusted(name, deny, allow), name == "strict");
    }

    private static List<string> Names(Section s, string key)
    {
        List<string> names = [];
        foreach ((JsonValue value, string path) in s.List(key))
        {
            string name = Values.Text(s.Problems, value, path, 64);
            if (!SyscallSets.Known.Contains(name))
            {
                s.Problems.Add(path, $"{Values.Shown(name)} is no system call of x86-64{Suggestion.For(name, SyscallSets.Known)}");
            }

            names.Add(name);
        }

        return names;
    }
}
