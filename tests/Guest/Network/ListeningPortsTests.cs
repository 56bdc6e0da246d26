using System.Text;
using CsCheck;
using Pavise.Guest.Network;

namespace Pavise.Guest.Tests.Network;

public sealed class ListeningPortsTests
{
    private const string Header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    [Fact]
    public void Listeners_are_read_up_to_the_first_connection()
    {
        HashSet<int> ports = [];
        ListeningPorts.Add(Text(Header + "   0: 00000000:18EB 00000000:0000 0A 0\n   1: 0100007F:FD95 00000000:0000 0A 0\n   2: 0100007F:0050 00000000:0000 01 0\n   3: 0100007F:0051 00000000:0000 0A 0\n"), ports);
        Assert.Equal([6379, 64917], ports.Order());
    }

    [Fact]
    public void Arbitrary_text_does_no_harm() => Gen.String[0, 200].Sample(text => ListeningPorts.Add(Text(Header + text), []));

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
