using Pavise.Images.Tests.Support;

namespace Pavise.Images.Tests;

/// <summary>Counts what the whole process allocates, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(StreamingTests), DisableParallelization = true)]
[Collection(nameof(StreamingTests))]
public sealed class StreamingTests
{
    [Fact]
    public async Task A_file_of_half_a_gigabyte_is_streamed_through_a_small_part_of_the_memory()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder["root"]);
        using (FileStream file = File.Create(folder["root/large"]))
        {
            file.SetLength(512L << 20);
            file.Position = 100L << 20;
            file.Write("not a hole"u8);
        }

        long before = GC.GetTotalAllocatedBytes();
        using (ImageSource source = ImageSource.Open(folder["root"]))
        {
            await RootImageBuilder.BuildAsync(source, folder["x.img"], default);
        }

        Assert.True(GC.GetTotalAllocatedBytes() - before < 256L << 20, "more was allocated than half of the file");
    }
}
