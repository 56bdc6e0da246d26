using System.CommandLine;
using Pavise.Owner.Policies;
using Pavise.Owner.Policies.Kubernetes;
using Pavise.Policy.Model;

namespace Pavise.Owner.Commands.Policies;

/// <summary>`pavise policy annotate POLICY YAML`: the policy as the pod's annotation, and the runtime class.</summary>
internal static class PolicyAnnotateCommand
{
    /// <summary>Bytes of all annotations of one object together: the API server's limit.</summary>
    private const int AnnotationBytes = 256 * 1024;

    internal static Command Create()
    {
        Argument<string> policyFile = new("POLICY") { Description = "The policy, YAML or JSON." }, yaml = new("YAML") { Description = "The Kubernetes YAML with the workload." };
        Option<string?> workload = new("--workload") { Description = "KIND/NAME, where the YAML has several workloads." };
        Option<string?> output = new("--output", "-o") { Description = "The file to write; standard output without it." };
        Option<bool> inPlace = new("--in-place", "-i") { Description = "Write the YAML file itself." };
        Option<string> runtimeClass = new("--runtime-class") { Description = "The runtime class to set.", DefaultValueFactory = _ => "pavise" };
        Option<bool> keep = new("--keep-runtime-class") { Description = "Leave runtimeClassName as it is." };
        Command command = new("annotate", "Writes a policy into Kubernetes YAML, as the annotation dev.pavise.policy, and sets the runtime class. Everything else in the file stays as it is.") { policyFile, yaml, workload, output, inPlace, runtimeClass, keep };
        command.Validators.Add(result =>
        {
            if (result.GetValue(inPlace) && (result.GetValue(output) is not null || result.GetValue(yaml) == "-"))
            {
                result.AddError("--in-place writes the YAML file itself: it goes with neither --output nor standard input.");
            }
        });
        command.SetAction(parsed =>
        {
            PolicyDocument policy = PolicySourceFile.Read(parsed.GetRequiredValue(policyFile));
            string path = parsed.GetRequiredValue(yaml), text = Manifest.Load(path);
            string value = PolicyAnnotation.Encode(policy.CanonicalBytes.Span);
            if (value.Length > AnnotationBytes)
            {
                throw new OwnerException($"the policy takes {value.Length} characters as an annotation, an object has at most {AnnotationBytes}", "put it on the node: pavise-policy.json in the bundle, or policy in the configuration");
            }

            string written = YamlAnnotator.Write(text, Manifest.Parse(path, text).Choose(parsed.GetValue(workload)), value, parsed.GetValue(keep) ? null : parsed.GetRequiredValue(runtimeClass));
            // What was written must read as what was meant.
            Workload again = Manifest.Parse(path, written).Choose(parsed.GetValue(workload));
            if (again.Template.At("metadata.annotations") is not { } map || !map.Members.Any(m => m.Key == YamlAnnotator.Annotation && m.Value.Value == value))
            {
                throw new OwnerException($"{path} has a form that cannot be edited", "write the annotation by hand: pavise policy annotation");
            }

            if (parsed.GetValue(inPlace) || parsed.GetValue(output) is not null)
            {
                File.WriteAllText(parsed.GetValue(output) ?? path, written);
            }
            else
            {
                parsed.InvocationConfiguration.Output.Write(written);
            }

            return CommandLine.Done;
        });
        return command;
    }
}
