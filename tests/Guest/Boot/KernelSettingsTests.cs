using Pavise.Guest.Boot;

namespace Pavise.Guest.Tests.Boot;

public sealed class KernelSettingsTests
{
    [Fact]
    public void Settings_that_this_kernel_has_are_written_and_no_file_is_made_for_the_others()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("pavise-sys-");
        try
        {
            root.CreateSubdirectory("kernel");
            string present = Path.Combine(root.FullName, "kernel/kexec_load_disabled");
            File.WriteAllText(present, "0");
            KernelSettings.Apply(root.FullName);
            Assert.Equal("1", File.ReadAllText(present));
            Assert.Equal([present], Directory.GetFiles(root.FullName, "*", SearchOption.AllDirectories));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void Each_setting_is_a_relative_name_and_named_once()
    {
        Assert.All(KernelSettings.All, s => Assert.False(Path.IsPathRooted(s.Name) || s.Name.Contains("..", StringComparison.Ordinal)));
        Assert.Distinct(KernelSettings.All.Select(s => s.Name));
    }

    [Fact]
    public void After_the_last_group_of_modules_the_kernel_takes_no_more()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("pavise-sys-");
        try
        {
            root.CreateSubdirectory("kernel");
            KernelSettings.ForbidModules(root.FullName);
            Assert.Equal("1", File.ReadAllText(Path.Combine(root.FullName, "kernel/modules_disabled")));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
