using CsCheck;
using Pavise.Guest.Volumes;

namespace Pavise.Guest.Tests.Volumes;

/// <summary>Which images are the newest, by the broker's counter.</summary>
public sealed class VolumeGenerationTests
{
    [Fact]
    public void A_number_grows_by_one_and_is_not_guessed() => Gen.Long[0, (1L << 62) - 1].Sample(value =>
    {
        long next = VolumeGeneration.Next(value);
        Assert.Equal(VolumeGeneration.Count(value) + 1, VolumeGeneration.Count(next));
        Assert.True(next > value);
        Assert.NotEqual(next, VolumeGeneration.Next(value));
    });

    [Fact]
    public void The_last_number_says_what_to_do()
    {
        VolumeException ended = Assert.Throws<VolumeException>(() => VolumeGeneration.Next(long.MaxValue));
        Assert.Contains("copy its content", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_used_when_it_is_registered_or_about_to_be()
    {
        long first = VolumeGeneration.Next(0), second = VolumeGeneration.Next(first);
        Assert.Null(VolumeGeneration.Refusal(null, 0));
        Assert.Null(VolumeGeneration.Refusal(Header(second, first), second));
        Assert.Null(VolumeGeneration.Refusal(Header(second, first), first));
        Assert.Null(VolumeGeneration.Refusal(Header(first, 0), 0));
    }

    [Fact]
    public void An_older_an_emptied_a_forked_image_and_a_broker_that_was_put_back_are_named()
    {
        long first = VolumeGeneration.Next(0), second = VolumeGeneration.Next(first), other = VolumeGeneration.Next(first), third = VolumeGeneration.Next(second), fourth = VolumeGeneration.Next(third);
        Names("rollback to an older image", Header(first, 0), second);
        Names("rollback to an older image", Header(second, first), fourth);
        Names("rollback to nothing", null, second);
        Names("fork", Header(other, first), second);
        Names("the broker was put back", Header(fourth, third), second);
        Names("another broker", Header(second, first), 0);
    }

    /// <summary>Any history of mounts, kills and copies: whatever copy is put back after a later registration is refused.</summary>
    [Fact]
    public void No_copy_from_before_the_last_registration_is_ever_used() => Gen.Int[0, 3].Array[1, 40].Sample(steps =>
    {
        long registered = 0, generation = 0, before = 0;
        List<VolumeHeader> old = [];
        foreach (int step in steps)
        {
            if (generation != 0)
            {
                old.Add(Header(generation, before));
            }

            // A mount from the image as it is: written first, then registered, or killed in between.
            (before, generation) = (registered, VolumeGeneration.Next(registered));
            if (step > 0)
            {
                registered = generation;
                Assert.All(old, h => Assert.NotNull(VolumeGeneration.Refusal(h, registered)));
            }

            Assert.Null(VolumeGeneration.Refusal(Header(generation, before), registered));
        }
    });

    private static void Names(string words, VolumeHeader? header, long registered) => Assert.Contains(words, VolumeGeneration.Refusal(header, registered)!, StringComparison.Ordinal);

    private static VolumeHeader Header(long generation, long before) => new(1, generation, before, 1 << 30, VolumeState.Open, new byte[16]);
}
