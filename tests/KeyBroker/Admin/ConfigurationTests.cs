using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Tests.Admin;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-conf-").FullName;
    private readonly string _good;

    public ConfigurationTests()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        _good = $$"""{"schema":"pavise.keybroker/v1","listen":"127.0.0.1:1","administrators":[{"name":"alice","key":"{{Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}"}],"sessionSeconds":60}""";
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_configuration_is_read_with_safe_defaults()
    {
        BrokerConfiguration configuration = Read(_good);
        Assert.False(configuration.Simulated);
        Assert.False(configuration.CollateralOnline);
        Assert.Equal(TimeSpan.FromSeconds(60), configuration.SessionLife);
        Assert.Equal("127.0.0.1:8444", configuration.Admin.ToString());
    }

    [Theory]
    [InlineData("\"listen\"", "\"lissen\"", "lissen is not known")]
    [InlineData("127.0.0.1:1", "localhost", "listen must be ADDRESS:PORT")]
    [InlineData("keybroker/v1", "keybroker/v2", "schema must be")]
    [InlineData("\"sessionSeconds\":60", "\"sessionSeconds\":0", "sessionSeconds must be 1 to")]
    [InlineData("\"key\":\"", "\"key\":\"AAAA", "the key of alice")]
    [InlineData("[{", "[", "")]
    public void A_mistake_is_named(string part, string instead, string message)
    {
        BrokerSetupException e = Assert.Throws<BrokerSetupException>(() => Read(_good.Replace(part, instead, StringComparison.Ordinal)));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Contains("keybroker.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_a_configuration_or_refused_by_name() => Gen.Select(Gen.Int[0, _good.Length - 1], Gen.Char["{}[]\":,01ae\\ "].Array[0, 4], Gen.Int[0, 4]).Sample((at, put, cut) =>
    {
        try
        {
            Read(string.Concat(_good.AsSpan(0, at), put, _good.AsSpan(Math.Min(_good.Length, at + cut))));
        }
        catch (BrokerSetupException)
        {
        }
    }, iter: 1500, threads: 1);

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64")]
    public void A_master_key_that_is_none_is_refused(string text)
    {
        string file = Path.Combine(_folder, "master.key");
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.Contains("32 bytes as base64", Assert.Throws<BrokerSetupException>(() => MasterKey.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_master_key_that_others_can_read_is_refused()
    {
        string file = Path.Combine(_folder, "master.key");
        File.WriteAllText(file, Convert.ToBase64String(new byte[32]));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("others can read", Assert.Throws<BrokerSetupException>(() => MasterKey.Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("toml", "algorithm = \"sha384\"\nversion = \"0.1.0\"\n", true)]
    [InlineData("toml", "version = \"0.1.0\"\nalgorithm='sha-256'\n[data]\n", true)]
    [InlineData("toml", "[data]\nalgorithm = \"sha256\"\n", false)]
    [InlineData("toml", "algorithm = \"md5\"\n", false)]
    [InlineData("json", "{\"algorithm\":\"sha256\",\"data\":{}}", true)]
    [InlineData("json", "{}", false)]
    [InlineData("yaml", "algorithm: sha256", false)]
    public void Initdata_names_its_algorithm_before_its_tables(string format, string body, bool good)
    {
        if (good)
        {
            Assert.Null(BoundDocument.Read(new(format, body)).Policy);
        }
        else
        {
            Assert.Throws<SessionFormatException>(() => BoundDocument.Read(new(format, body)));
        }
    }

    [Fact]
    public void Any_document_is_read_or_refused() => Gen.Select(Gen.Bool, Gen.Char["algorithm=\"sh256\n[]{}:, "].Array[0, 80]).Sample((toml, text) =>
    {
        try
        {
            BoundDocument.Read(new InitData(toml ? "toml" : "json", new string(text)));
        }
        catch (SessionFormatException)
        {
        }
    }, iter: 3000, threads: 1);

    private BrokerConfiguration Read(string text)
    {
        File.WriteAllText(Path.Combine(_folder, ConfigurationReader.FileName), text, new UTF8Encoding(false));
        return ConfigurationReader.Read(_folder);
    }
}
