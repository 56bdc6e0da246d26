namespace Pavise.Owner.Tests.Support;

/// <summary>The command, run in this process.</summary>
internal static class PaviseCommand
{
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        StringWriter output = new(), errors = new();
        int code = await CommandLine.RunAsync(arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
