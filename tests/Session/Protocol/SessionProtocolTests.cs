using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Session.Protocol;

namespace Pavise.Session.Tests.Protocol;

public sealed class SessionProtocolTests : IDisposable
{
    private readonly SessionScene scene = new();

    [Fact]
    public async Task Requests_follow_each_other_in_one_session_whatever_they_carry()
    {
        (Wire owner, Wire guest) = Wire.Join();
        Task serving = scene.ServeAsync(guest);
        await using SessionClient session = await scene.ConnectAsync(owner);
        Assert.Equal("alice", session.Welcome.Owner);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(scene.Key)), session.Boot);
        foreach (int length in (int[])[0, 1, 70_000, 3_000_000])
        {
            byte[] data = RandomNumberGenerator.GetBytes(length);
            (byte[] output, uint status) = await SessionScene.RunAsync(session, $"{length}", data);
            Assert.Equal(data, output);
            Assert.Equal(3u, status);
        }

        await session.EndAsync();
        await session.DisposeAsync();
        await serving;
        Assert.Equal(["0", "1", "70000", "3000000"], scene.Executed);
    }

    public void Dispose() => scene.Dispose();
}
