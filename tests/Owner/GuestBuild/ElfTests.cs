using CsCheck;
using Pavise.Owner.GuestBuild;
using Pavise.Owner.GuestBuild.Elf;

namespace Pavise.Owner.Tests.GuestBuild;

public sealed class ElfTests
{
    private static readonly byte[] Program = File.ReadAllBytes("/bin/true");

    [Fact]
    public void A_program_of_this_machine_names_its_loader_and_the_c_library()
    {
        ElfFile elf = ElfFile.Read(Program);
        Assert.Equal("/lib64/ld-linux-x86-64.so.2", elf.Interpreter);
        Assert.Contains("libc.so.6", elf.Needed);
    }

    [Fact]
    public void The_closure_of_a_program_holds_its_loader_and_libraries_once_each()
    {
        GuestFile program = new("bin/true", Program, GuestFile.ExecutableMode, "test");
        string[] found = [.. new LibraryClosure([new FileTree("/", "test")]).Of([program, program], ["libc.so.6"]).Select(f => Path.GetFileName(f.Path))];
        Assert.Contains("ld-linux-x86-64.so.2", found);
        Assert.Contains("libc.so.6", found);
        Assert.Equal(found.Distinct(), found);
    }

    [Fact]
    public void A_library_that_is_nowhere_is_named_in_the_error()
    {
        GuestFile program = new("bin/true", Program, GuestFile.ExecutableMode, "test");
        OwnerException error = Assert.Throws<OwnerException>(() => new LibraryClosure([new FileTree("/", "test")]).Of([program], ["libnowhere.so.1"]));
        Assert.Contains("libnowhere.so.1", error.Message);
    }

    [Fact]
    public void Changed_headers_give_facts_or_a_format_error_and_nothing_else() =>
        Gen.Select(Gen.Int[0, 0x400], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            byte[] bytes = [.. Program];
            foreach ((int at, byte value) in changes)
            {
                bytes[at] = value;
            }

            ReadsOrRefuses(bytes);
        });

    [Fact]
    public void A_changed_module_gives_a_section_or_a_format_error_and_nothing_else()
    {
        byte[] module = ModuleFile.Make("a", "6.1.0", "b", "c");
        Gen.Select(Gen.Int[0, module.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            byte[] bytes = [.. module];
            foreach ((int at, byte value) in changes)
            {
                bytes[at] = value;
            }

            ReadsOrRefuses(bytes);
        });
    }

    [Fact]
    public void A_cut_file_is_refused_or_read_within_its_bytes() =>
        Gen.Int[0, Program.Length].Sample(length => ReadsOrRefuses(Program[..length]));

    private static void ReadsOrRefuses(byte[] bytes)
    {
        try
        {
            ElfFile.Read(bytes).Section(".modinfo");
        }
        catch (FormatException)
        {
        }
    }
}
