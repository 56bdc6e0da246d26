using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Pavise.Session.Jose;
using Pavise.Session.Sealed;

namespace Pavise.Session.Tests.Sealed;

/// <summary>Sealed values: what the host may try with a text that it carries.</summary>
public sealed class SealedTextTests
{
    private static readonly SealedPlace Place = new("shop", "main", "PASSWORD", "");
    private static readonly ResourceUri Key = ResourceUri.Parse("kbs:///shop/keys/seal");
    private static readonly byte[] Content = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly JwtKey Owner = JwtKey.Of(ECDsa.Create(ECCurve.NamedCurves.nistP384));
    private static readonly JwtKey[] Owners = [Owner];

    [Fact]
    public void A_value_comes_out_as_it_went_in_for_its_place_key_and_owner() => Gen.Byte.Array[0, 300].Sample(
        value =>
        {
            SealedContent read = SealedText.Read(SealedText.Envelop(Owner, Place, Key, Content, value) + "\n", Owners);
            return read.Place == Place && read.Resource == Key && read.Envelope!.Decrypt(Place, Key, Content).AsSpan().SequenceEqual(value);
        },
        iter: 60);

    [Fact]
    public void A_reference_names_its_resource_and_holds_no_value()
    {
        SealedPlace file = new("shop", "main", "", "/run/secrets/key");
        SealedContent read = SealedText.Read(SealedText.Refer(Owner, file, Key), Owners);
        Assert.Equal((file, Key, null), (read.Place, read.Resource, read.Envelope));
    }

    [Fact]
    public void The_members_are_those_of_confidential_containers_sealed_secrets()
    {
        string[] parts = SealedText.Refer(Owner, Place, Key).Split('.');
        Assert.Equal((4, "sealed"), (parts.Length, parts[0]));
        Assert.Equal(
            """{"version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///shop/keys/seal","provider_settings":{},"annotations":{"policy":"shop","container":"main","env":"PASSWORD"}}""",
            Encoding.UTF8.GetString(Base64Text.Decode(parts[2], "payload")));
    }

    [Fact]
    public void A_text_that_no_owner_signed_is_refused_whoever_else_signed_it_and_whatever_for()
    {
        JwtKey other = JwtKey.Of(ECDsa.Create(ECCurve.NamedCurves.nistP384));
        byte[] content = new SealedContent(Place, Key, null).Write();
        string[] wrong =
        [
            SealedText.Refer(other, Place, Key),
            SealedText.Prefix + Jwt.Sign(other with { Id = Owner.Id }, content, SealedText.Type),
            SealedText.Prefix + Jwt.Sign(Owner, content),
            SealedText.Prefix + Jwt.Sign(Owner, content, DetachedSignature.PolicyType),
            Jwt.Sign(Owner, content, SealedText.Type),
            "sealed.fakejwsheader." + Base64Text.Encode(content) + ".fakesignature",
            "sealed.", "sealed...", "", "password", " " + SealedText.Refer(Owner, Place, Key),
        ];
        Assert.All(wrong, text => Assert.Throws<SessionFormatException>(() => SealedText.Read(text, Owners)));
        Assert.Throws<SessionFormatException>(() => SealedText.Read(SealedText.Refer(Owner, Place, Key), []));
    }

    [Fact]
    public void The_key_alone_keeps_an_envelope_at_its_place()
    {
        SealedEnvelope envelope = SealedEnvelope.Encrypt(Place, Key, Content, "value"u8);
        SealedPlace[] others = [Place with { Policy = "shop2" }, Place with { Container = "side" }, Place with { Variable = "TOKEN" }, new("shop", "main", "", "PASSWORD")];
        Assert.All(others, place => Assert.Throws<SessionFormatException>(() => envelope.Decrypt(place, Key, Content)));
        Assert.Throws<SessionFormatException>(() => envelope.Decrypt(Place, ResourceUri.Parse("kbs:///shop/keys/other"), Content));
        byte[] key = [.. Content];
        key[31]++;
        Assert.Throws<SessionFormatException>(() => envelope.Decrypt(Place, Key, key));
        Assert.Throws<SessionFormatException>(() => envelope.Decrypt(Place, Key, Content.AsSpan(1)));
        foreach (byte[] part in (byte[][])[envelope.WrappedKey, envelope.Iv, envelope.Data])
        {
            for (int i = 0; i < part.Length; i++)
            {
                part[i] ^= 1;
                Assert.Throws<SessionFormatException>(() => envelope.Decrypt(Place, Key, Content));
                part[i] ^= 1;
            }
        }

        Assert.Equal("value"u8, envelope.Decrypt(Place, Key, Content));
    }

    [Fact]
    public void The_same_value_sealed_twice_gives_two_texts_of_which_the_values_length_is_all_that_shows()
    {
        SealedEnvelope one = SealedEnvelope.Encrypt(Place, Key, Content, "value"u8), two = SealedEnvelope.Encrypt(Place, Key, Content, "value"u8);
        Assert.NotEqual(one.Data, two.Data);
        Assert.NotEqual(one.WrappedKey, two.WrappedKey);
        Assert.Equal(5 + 16, one.Data.Length);
    }

    [Theory]
    [InlineData("""{"version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"},"more":1}""")]
    [InlineData("""{"version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{"x":1},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    [InlineData("""{"version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E","file":"/x"}}""")]
    [InlineData("""{"version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c"}}""")]
    [InlineData("""{"version":"0.2.0","type":"vault","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    [InlineData("""{"version":"0.1.0","type":"vault","provider":"aliyun","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    [InlineData("""{"version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///a/../c/d","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    [InlineData("""{"version":"0.1.0","type":"plain","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    [InlineData("""{"version":"0.1.0","type":"envelope","provider":"kbs","key_id":"kbs:///a/b/c","encrypted_key":"","encrypted_data":"","wrap_type":"A256KW","iv":"","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    [InlineData("""{"version":"0.1.0","version":"0.1.0","type":"vault","provider":"kbs","name":"kbs:///a/b/c","provider_settings":{},"annotations":{"policy":"p","container":"c","env":"E"}}""")]
    public void A_payload_of_another_form_is_refused_even_under_an_owners_signature(string payload) =>
        Assert.Throws<SessionFormatException>(() => SealedText.Read(SealedText.Prefix + Jwt.Sign(Owner, Encoding.UTF8.GetBytes(payload), SealedText.Type), Owners));

    [Fact]
    public void No_changed_text_is_read_and_hostile_ones_are_refused_in_one_way()
    {
        string text = SealedText.Envelop(Owner, Place, Key, Content, "value"u8);
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Char).Sample(
            (at, c) =>
            {
                string changed = string.Concat(text.AsSpan(0, at), [c], text.AsSpan(at + 1));
                return changed == text || Refused(changed);
            },
            iter: 2_000);
        Gen.String.Sample(s => Refused(SealedText.Prefix + s), iter: 2_000);
    }

    [Fact]
    public void What_an_owner_signs_is_read_to_the_same_or_refused_in_one_way()
    {
        byte[][] payloads = [new SealedContent(Place, Key, null).Write(), new SealedContent(Place, Key, SealedEnvelope.Encrypt(Place, Key, Content, "value"u8)).Write()];
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 500], Gen.Byte, Gen.Int[0, 3]).Sample(
            (which, at, value, cut) =>
            {
                byte[] changed = [.. payloads[which]];
                changed[at % changed.Length] = value;
                changed = changed[..^cut];
                try
                {
                    byte[] written = SealedContent.Parse(changed).Write();
                    return SealedContent.Parse(written).Write().AsSpan().SequenceEqual(written);
                }
                catch (SessionFormatException)
                {
                    return true;
                }
            },
            iter: 5_000);
    }

    [Fact]
    public void A_text_longer_than_a_kubernetes_secret_is_not_even_decoded() =>
        Assert.Contains("at most", Assert.Throws<SessionFormatException>(() => SealedText.Read(SealedText.Prefix + new string('a', SessionLimits.SealedChars + 1), Owners)).Message, StringComparison.Ordinal);

    private static bool Refused(string text)
    {
        try
        {
            SealedText.Read(text, Owners);
            return false;
        }
        catch (SessionFormatException)
        {
            return true;
        }
    }
}
