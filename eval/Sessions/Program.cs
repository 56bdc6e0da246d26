using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Eval.Sessions;
using Pavise.Owner.Sessions;
using Pavise.Session.Protocol;

// sessions REPOSITORY [--runs N] [--copy-mib N] [--log-mib N]: prints; the programs are those in out/bin
string repository = Path.GetFullPath(args.Length > 0 ? args[0] : ".");
int Option(string name, int absent) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1]) : absent;
int runs = Option("--runs", 20), copy = Option("--copy-mib", 256), log = Option("--log-mib", 128);

(double seal, double open) = Sealing.Measure();
Console.WriteLine($"sealed log, lines of 1 KiB, writer alone: {seal:F0} MB/s (target 50); reader alone: {open:F0} MB/s");

await using Pvm pvm = await Pvm.MakeAsync(repository);
string file = Path.Combine(pvm.Folder, "log");
string print = $"yes {new string('x', 1023)} | head -c {log * 1048576L}";
double plain = await pvm.RunAsync("plain", print, "host", file, wait: true), nothing = await pvm.RunAsync("nothing", "true", "host", Path.Combine(pvm.Folder, "nothing"), wait: true);
double sealedTime = await pvm.RunAsync("sealed", print, "owner", file, wait: true);
double mega = log * 1.048576;
Console.WriteLine($"log through the runtime into a file, lines of 1 KiB: plain {mega / (plain - nothing):F0} MB/s, sealed {mega / (sealedTime - nothing):F0} MB/s");

await pvm.RunAsync("main", "sleep 100000", "owner", "/dev/null", wait: false);
List<double> execs = [];
for (int i = 0; i < runs; i++)
{
    Stopwatch clock = Stopwatch.StartNew();
    (await pvm.RuntimeAsync("exec", "main", "true")).OrThrow("plain exec");
    execs.Add(clock.Elapsed.TotalMilliseconds);
}

Console.WriteLine($"plain exec by the runtime: median {Median(execs):F1} ms");
using ECDsa key = ECDsa.Create();
key.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(pvm.Home, "sign.pem")));
using X509Certificate2 certificate = SessionTls.CreateOwnerCertificate(key);
EvidenceRequirements requirements = new() { Tees = [TeeKind.Simulated], Policy = Expected<PolicyDigest>.Any, Measurement = Expected<LaunchMeasurement>.Any };
Origin origin = new(_ => requirements, _ => VerificationCollateral.None, null, TimeProvider.System);
foreach ((string name, string value) in pvm.Environment)
{
    Environment.SetEnvironmentVariable(name, value);
}

IReadOnlyList<string> carrier = SessionOptions.Command(pvm.Via, null, null, "main");
List<double> handshakes = [], sessions = [];
for (int i = 0; i < runs; i++)
{
    Carrier stream = Carrier.Start(carrier);
    Stopwatch clock = Stopwatch.StartNew();
    await using SessionClient session = await SessionClient.ConnectAsync(stream, certificate, origin, TimeProvider.System, default);
    handshakes.Add(clock.Elapsed.TotalMilliseconds);
    await session.EndAsync();
}

await using (SessionClient session = await SessionClient.ConnectAsync(Carrier.Start(carrier), certificate, origin, TimeProvider.System, default))
{
    for (int i = 0; i < runs; i++)
    {
        Stopwatch clock = Stopwatch.StartNew();
        await session.BeginAsync(new Request { Exec = new ExecRequest { Args = { "true" } } }, default);
        while ((await session.ReadAsync(default)).Done is null)
        {
        }

        sessions.Add(clock.Elapsed.TotalMilliseconds);
    }

    await session.EndAsync();
}

Console.WriteLine($"handshake with evidence and nonce, the carrier's start included: median {Median(handshakes):F1} ms, least {handshakes.Min():F1} ms (target 100)");
Console.WriteLine($"exec in a session: median {Median(sessions):F1} ms, {Median(sessions) / Median(execs):F2} of a plain one (target 1.2)");

string big = Path.Combine(pvm.Folder, "big");
byte[] mebibyte = RandomNumberGenerator.GetBytes(1 << 20);
await using (FileStream content = File.Create(big))
{
    for (int i = 0; i < copy; i++)
    {
        await content.WriteAsync(mebibyte);
    }
}

string[] common = ["--via", pvm.Via, "--config", pvm.Home, "--tee", "sim", "--any", "measurement", "--policy", pvm.Policy];
Stopwatch copying = Stopwatch.StartNew();
(await pvm.PaviseAsync(["cp", big, "main:/data/big", .. common])).OrThrow("cp in");
double inward = copying.Elapsed.TotalSeconds;
copying.Restart();
(await pvm.PaviseAsync(["cp", "main:/data/big", big + ".back", .. common])).OrThrow("cp out");
double outward = copying.Elapsed.TotalSeconds;
bool same = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(big))) == Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(big + ".back")));
Console.WriteLine($"copy of {copy} MiB by the command, start and handshake included: in {copy * 1.048576 / inward:F0} MB/s, out {copy * 1.048576 / outward:F0} MB/s (target 200), {(same ? "equal digests" : "DIFFERENT")}");
return same ? 0 : 1;

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
