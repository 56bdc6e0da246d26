using Pavise.Eval.Kubernetes;
using Pavise.Workloads;

// images FOLDER                                                       makes the image archives
// demo REPOSITORY STATE KUBECTL [--machine NAME] [--json FILE]         runs the demonstration on a cluster that is up
switch (args)
{
    case ["images", var folder]:
        Directory.CreateDirectory(folder);
        await ClusterImages.BuildAsync(folder);
        return 0;

    case ["demo", var repository, var state, var kubectl, .. var options]:
        string machine = "tcg";
        string? json = null;
        for (int i = 0; i + 1 < options.Length; i += 2)
        {
            (machine, json) = options[i] switch
            {
                "--machine" => (options[i + 1], json),
                "--json" => (machine, options[i + 1]),
                _ => throw new ArgumentException($"unknown option {options[i]}"),
            };
        }

        Steps steps = new();
        Cluster cluster = new(repository, state, kubectl);
        Demonstration demonstration = new(cluster, machine);
        await demonstration.RunAsync(steps);
        await new InstallerDemonstration(cluster).RunAsync(steps);
        if (json is not null)
        {
            await Results.WriteAsync(json, repository, machine, steps, demonstration.Memory);
        }

        Console.WriteLine(steps.Ok ? "All steps held." : "Some steps failed.");
        return steps.Ok ? 0 : 1;

    default:
        Console.Error.WriteLine("images FOLDER | demo REPOSITORY STATE KUBECTL [--machine NAME] [--json FILE]");
        return 2;
}
