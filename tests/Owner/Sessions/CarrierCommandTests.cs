using Pavise.Owner.Sessions;

namespace Pavise.Owner.Tests.Sessions;

public sealed class CarrierCommandTests
{
    [Fact]
    public void Kubectl_carries_unless_another_command_is_named()
    {
        Assert.Equal(["kubectl", "exec", "-i", "-n", "shop", "redis", "-c", "main", "--", "pavise-session"], SessionOptions.Command(null, "shop", "main", "redis"));
        Assert.Equal(["docker", "exec", "-i", "redis", "pavise-session"], SessionOptions.Command("docker exec  -i", null, null, "redis"));
        Assert.Equal(["ssh", "node", "docker", "exec", "-i", "redis", "pavise-session"], SessionOptions.Command("ssh node docker exec -i {pod}", null, null, "redis"));
        Assert.Equal(["cat", "pavise-session"], SessionOptions.Command("cat pavise-session", null, null, "redis"));
    }

    [Fact]
    public void Each_session_has_an_exec_id_of_its_own()
    {
        IReadOnlyList<string> first = SessionOptions.Command("ctr task exec --exec-id {id}", null, null, "redis"), second = SessionOptions.Command("ctr task exec --exec-id {id}", null, null, "redis");
        Assert.Equal(["redis", "pavise-session"], first.Skip(5));
        Assert.NotEqual(first[4], second[4]);
    }

    [Fact]
    public async Task Without_owner_keys_or_with_nothing_to_expect_no_session_is_tried()
    {
        string folder = Directory.CreateTempSubdirectory("pavise-home-").FullName;
        try
        {
            StringWriter errors = new();
            Assert.Equal(1, await CommandLine.RunAsync(["ps", "pod", "--via", "false", "--config", folder], new StringWriter(), errors));
            Assert.Contains("pavise owner init", errors.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
