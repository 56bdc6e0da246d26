using System.Globalization;
using System.Text.Json;
using Pavise.Attestation.Launch;

namespace Pavise.Attestation.Tests;

public sealed class IdBlockTests
{
    [Fact]
    public void The_published_ID_block_and_key_digests_are_computed()
    {
        using JsonDocument document = JsonDocument.Parse(Vectors.Read("measurement/known-answers.json"));
        JsonElement answer = document.RootElement.GetProperty("id_block")[0];
        byte[] Hex(string key) => Convert.FromHexString(answer.GetProperty(key).GetString()!);
        byte[] block = SnpIdBlock.Build(
            Hex("launch_digest"), Hex("family_id"), Hex("image_id"), answer.GetProperty("guest_svn").GetUInt32(), ulong.Parse(answer.GetProperty("policy").GetString()![2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.Equal(answer.GetProperty("expected_id_block").GetString(), Convert.ToHexStringLower(block));
        byte[] authentication = Vectors.Read("measurement/test_auth_block.bin");
        Assert.Equal(Hex("expected_id_key_digest"), SnpIdBlock.KeyDigest(authentication.AsSpan(0x240, SnpIdBlock.KeyBytes)));
        Assert.Equal(Hex("expected_author_key_digest"), SnpIdBlock.KeyDigest(authentication.AsSpan(0x880, SnpIdBlock.KeyBytes)));
    }

    [Theory]
    [InlineData("EPYC", 0x00800f12u)]
    [InlineData("EPYC-v4", 0x00800f12u)]
    [InlineData("EPYC-Rome-v2", 0x00830f10u)]
    [InlineData("EPYC-Milan", 0x00a00f11u)]
    [InlineData("EPYC-Genoa-v1", 0x00a10f10u)]
    [InlineData("EPYC-Turin", 0x00b00f00u)]
    public void QEMUs_models_have_their_signatures(string type, uint signature) => Assert.Equal(signature, VcpuTypes.Signature(type));

    [Theory]
    [InlineData("EPYC-Zen")]
    [InlineData("EPYC-v")]
    [InlineData("EPYC-v1x")]
    [InlineData("epyc")]
    [InlineData("")]
    public void Unknown_models_have_none(string type) => Assert.Null(VcpuTypes.Signature(type));
}
