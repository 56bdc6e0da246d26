using System.CommandLine;
using Pavise.Owner.GuestBuild;

namespace Pavise.Owner.Commands;

/// <summary>`pavise guest build`.</summary>
internal static class GuestBuildCommand
{
    internal static Command Create()
    {
        Option<string> output = new("--out") { Description = "Folder of the result.", Required = true };
        Option<string> flavour = new("--flavour") { Description = "production, or development (simulated evidence, unshielded mode).", Required = true };
        flavour.AcceptOnlyFromAmong("production", "development");
        Option<string?> guest = new("--guest") { Description = "The pavise-guest program; otherwise the one beside this program." };
        Option<string?> kernelPackage = new("--kernel-package") { Description = "Debian package of the kernel [linux-image-cloud-amd64]." };
        Option<string?> kernel = new("--kernel") { Description = "Your own kernel (bzImage), with --modules." };
        Option<string?> modules = new("--modules") { Description = "Folder with the modules of your own kernel." };
        Option<string?> version = new("--kernel-version") { Description = "The version that your own kernel must have." };
        Option<bool> keep = new("--keep-module-signatures") { Description = "For a kernel that loads no module without a signature." };
        Option<string?> packages = new("--packages-dir") { Description = "A folder of .deb files to use instead of apt." };
        Option<string?> sysroot = new("--sysroot") { Description = "A folder with crun and the libraries to use instead of packages." };
        Option<string?> cache = new("--cache") { Description = "Where downloaded packages are kept [~/.cache/pavise/packages]." };
        Command command = new("build", "Makes kernel, initial RAM disk and fixed command line, the same bytes wherever it runs.")
        {
            output, flavour, guest, kernelPackage, kernel, modules, version, keep, packages, sysroot, cache,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(kernel) is null != result.GetValue(modules) is null)
            {
                result.AddError("--kernel and --modules belong together.");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            TextWriter errors = parsed.InvocationConfiguration.Error;
            string chosen = parsed.GetRequiredValue(flavour);
            GuestBuildOptions options = new()
            {
                Output = parsed.GetRequiredValue(output),
                Flavour = chosen,
                Guest = parsed.GetValue(guest) ?? BesideThisProgram(chosen),
                KernelPackage = parsed.GetValue(kernelPackage) ?? "linux-image-cloud-amd64",
                Kernel = parsed.GetValue(kernel),
                Modules = parsed.GetValue(modules),
                KernelVersion = parsed.GetValue(version),
                KeepSignatures = parsed.GetValue(keep),
                PackagesFolder = parsed.GetValue(packages),
                Sysroot = parsed.GetValue(sysroot),
                Cache = parsed.GetValue(cache) ?? DefaultCache(),
            };
            GuestImage image = await new GuestImageBuilder(options, errors.WriteLine).BuildAsync(cancel);
            ImageReport.Write(image.Manifest, parsed.InvocationConfiguration.Output);
            return CommandLine.Done;
        });
        return command;
    }

    private static string BesideThisProgram(string flavour) => Path.Combine(AppContext.BaseDirectory, flavour == "production" ? "pavise-guest-production" : "pavise-guest");

    private static string DefaultCache()
    {
        string? home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } user ? Path.Combine(user, ".cache") : null;
        return Path.Combine(home ?? "/var/cache", "pavise", "packages");
    }
}
