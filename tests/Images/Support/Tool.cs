using System.Diagnostics;

namespace Pavise.Images.Tests.Support;

/// <summary>Programs of the machine that check or make images; a test skips clearly where one is absent.</summary>
internal static class Tool
{
    public static void Require(params string[] programs)
    {
        foreach (string program in programs)
        {
            bool found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"]).Any(p => File.Exists(System.IO.Path.Combine(p, program)));
            Assert.SkipUnless(found, $"{program} is not on this machine");
        }
    }

    public static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: status {process.ExitCode}: {output}{error.Result}");
        return output;
    }
}
