using CsCheck;
using Pavise.Cri.Kubelet;
using Pavise.Cri.Logs;

namespace Pavise.Integration.Tests.Pods;

/// <summary>The driver's own rules, which are kubelet's, without a runtime.</summary>
public sealed class DriverTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["A"] = "1", ["B"] = "$(A)" };

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(B)", "x1y$(A)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$(unknown) $(A", "$(unknown) $(A")]
    [InlineData("100$", "100$")]
    public void References_to_variables_are_expanded_once(string text, string expanded) => Assert.Equal(expanded, Expansion.Expand(text, Variables));

    [Fact]
    public void A_log_line_of_any_text_is_read_as_it_was_written() => Gen.Select(Gen.String[Gen.Char[' ', '~'], 0, 100], Gen.Bool, Gen.Bool, Gen.Int[0, 999_999_999]).Sample((text, partial, error, nanoseconds) =>
    {
        string line = $"2026-11-24T10:11:12.{nanoseconds:000000000}Z {(error ? "stderr" : "stdout")} {(partial ? "P" : "F")} {text}";
        LogLine read = CriLog.Parse(line);
        Assert.Equal((text, partial, error ? "stderr" : "stdout"), (read.Text, read.Partial, read.Stream));
        Assert.Equal(nanoseconds / 100, read.Time.Ticks % TimeSpan.TicksPerSecond);
    });

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-24T10:11:12Z stdout F")]
    [InlineData("2026-11-24T10:11:12Z stdin F text")]
    [InlineData("2026-11-24T10:11:12Z stdout X text")]
    [InlineData("yesterday stdout F text")]
    public void What_is_no_log_line_is_an_error(string line) => Assert.Throws<FormatException>(() => CriLog.Parse(line));

    [Theory]
    [InlineData("{}", "BestEffort")]
    [InlineData("{ limits: { memory: 64Mi } }", "Burstable")]
    [InlineData("{ limits: { memory: 64Mi, cpu: 1 } }", "Guaranteed")]
    [InlineData("{ limits: { memory: 64Mi, cpu: 1 }, requests: { cpu: 500m } }", "Burstable")]
    public void Quality_of_service_follows_requests_and_limits(string resources, string quality) =>
        Assert.Equal(quality, Resources.QualityOfService(Manifest($"resources: {resources}").Pod));

    [Fact]
    public void A_secret_in_plain_text_and_the_defaults_of_the_API_server_are_filled_in()
    {
        PodManifest manifest = Manifest("env: []", "---\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { a: b }");
        Assert.Equal("b"u8.ToArray(), manifest.Secrets["s"].Data["a"]);
        Assert.Equal(("default", "Always", 30L), (manifest.Namespace, manifest.Pod.Spec.RestartPolicy, manifest.Pod.Spec.TerminationGracePeriodSeconds));
    }

    [Fact]
    public void A_file_without_exactly_one_Pod_or_with_an_unknown_kind_is_an_error()
    {
        Assert.Throws<FormatException>(() => PodManifest.Parse("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }"));
        Assert.Throws<FormatException>(() => PodManifest.Parse("apiVersion: v1\nkind: Service\nmetadata: { name: a }"));
    }

    private static PodManifest Manifest(string more, string objects = "") => PodManifest.Parse($$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: p }
        spec:
          containers:
            - name: main
              image: i
              {{more}}
        {{objects}}
        """);
}
