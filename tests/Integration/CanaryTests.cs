using System.Diagnostics;
using System.Text;
using Pavise.Workloads;

namespace Pavise.Integration.Tests;

/// <summary>The search for secrets finds what it is there to find.</summary>
public sealed class CanaryTests
{
    private const int Block = 1 << 20;

    public static TheoryData<string> Forms => ["plain", "reversed", "utf-16", "utf-16be", "hex", "HEX", "base64-0", "base64-1", "base64-2"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_is_found_in_a_file_also_across_the_blocks_that_are_read(string form)
    {
        Canary canary = Canary.Random();
        byte[] bytes = Encode(canary.Text, form);
        string file = Path.GetTempFileName();
        foreach (int at in (int[])[0, 4095, Block - bytes.Length, Block - 1, Block - bytes.Length / 2, 2 * Block - 3])
        {
            byte[] content = new byte[3 * Block];
            bytes.CopyTo(content, at);
            File.WriteAllBytes(file, content);
            HostSearch search = new(canary);
            search.File(file);
            Assert.NotEmpty(search.Found);
        }

        File.Delete(file);
    }

    [Fact]
    public void Another_secret_is_not_found()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, string.Join('\n', Forms.Select(f => Encoding.Latin1.GetString(Encode(Canary.Random().Text, f)))));
        HostSearch search = new(Canary.Random());
        search.File(file);
        File.Delete(file);
        Assert.Empty(search.Found);
    }

    [Fact]
    public async Task It_is_found_in_another_process_memory()
    {
        Canary canary = Canary.Random();
        using Process process = Process.Start(new ProcessStartInfo("sleep", "1000") { Environment = { ["SECRET"] = canary.Text } })!;
        HostSearch search = new(canary);
        for (int i = 0; i < 100 && search.Found.Count == 0; i++)
        {
            search.Memory(process.Id); // The first look may come before the program is there.
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        process.Kill();
        Assert.Contains(search.Found, f => f.Contains("[stack]", StringComparison.Ordinal));
    }

    private static byte[] Encode(string text, string form)
    {
        byte[] plain = Encoding.ASCII.GetBytes(text);
        return form switch
        {
            "plain" => plain,
            "reversed" => [.. plain.Reverse()],
            "utf-16" => Encoding.Unicode.GetBytes(text),
            "utf-16be" => Encoding.BigEndianUnicode.GetBytes(text),
            "hex" => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(plain)),
            "HEX" => Encoding.ASCII.GetBytes(Convert.ToHexString(plain)),
            _ => Encoding.ASCII.GetBytes(Convert.ToBase64String([.. Encoding.ASCII.GetBytes(new string('p', form[^1] - '0')), .. plain, 1, 2, 3])),
        };
    }
}
