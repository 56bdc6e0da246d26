using System.CommandLine;
using System.IO.Compression;
using System.Security.Cryptography;
using Pavise.Owner.Keys;
using Pavise.Owner.Sessions;
using Pavise.Session.Logs;

namespace Pavise.Owner.Commands.Sessions;

/// <summary>
/// `pavise logs open [FILE…]`: a filter that opens sealed lines, whatever log format holds them. Exit code 0: all of it is genuine and whole, or still being
/// written; 1: something is missing, forged, repeated or changed, said on standard error.
/// </summary>
internal static class LogsOpenCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    internal static Command Create()
    {
        Argument<string[]> files = new("FILE") { Description = "Log files, the oldest first; .gz too. Standard input without one.", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what is appended to the last file, through its rotation." };
        Option<string?> container = new("--container", "-c") { Description = "The container that must have written it." };
        Option<bool> times = new("--timestamps") { Description = "Begin each piece of output with the guest's time." };
        Option<string?> home = OwnerHome.Option();
        Option<string?> password = OwnerKeys.PasswordOption();
        Command command = new("open", "Opens sealed logs: prints what was written, and on standard error what is missing, forged, repeated or changed.") { files, follow, container, times, home, password };
        OriginOptions origin = new();
        origin.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            OwnerHome folder = OwnerHome.Of(parsed, home);
            using ECDiffieHellman key = OwnerKeys.SealKey(folder, OwnerKeys.Password(parsed, password));
            using Stream output = Console.OpenStandardOutput();
            LogPrinter printer = new(output, parsed.InvocationConfiguration.Error, parsed.GetValue(times));
            SealedLogReader reader = new(key, origin.Read(parsed, folder), printer) { Container = parsed.GetValue(container) };
            string[] names = parsed.GetValue(files) ?? [];
            foreach (string name in names)
            {
                bool last = name == names[^1];
                await ReadAsync(name, parsed.GetValue(follow) && last, reader, cancellation);
            }

            if (names.Length == 0)
            {
                using StreamReader input = new(Console.OpenStandardInput());
                await ReadAsync(input, reader, cancellation);
            }

            reader.End();
            return printer.IsGood ? CommandLine.Done : CommandLine.Failed;
        });
        return command;
    }

    private static async Task ReadAsync(string name, bool follow, SealedLogReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            await using FileStream file = new(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using Stream content = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using StreamReader lines = new(content);
            await ReadAsync(lines, reader, cancellation);
            if (!follow)
            {
                return;
            }

            // The same file as long as its name leads to it; a new one of that name is what comes after a rotation.
            DateTime created = File.GetCreationTimeUtc(name);
            while (File.Exists(name) && new FileInfo(name).Length >= file.Position && File.GetCreationTimeUtc(name) == created)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellation);
                await ReadAsync(lines, reader, cancellation);
            }

            await ReadAsync(lines, reader, cancellation);
            while (!File.Exists(name))
            {
                await Task.Delay(Pause, TimeProvider.System, cancellation);
            }
        }
    }

    private static async Task ReadAsync(StreamReader lines, SealedLogReader reader, CancellationToken cancellation)
    {
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            reader.Line(line);
        }
    }
}
