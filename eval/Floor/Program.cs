using System.CommandLine;
using System.Text;
using Pavise.Eval.Floor;
using Pavise.Host.Machines;
using Pavise.Owner.GuestBuild.Archive;
using Pavise.Owner.GuestBuild.Manifest;

Option<string> guest = new("--guest") { Description = "Guest image folder, made by `pavise guest build`.", Required = true };
Option<string> machine = new("--machine") { Description = "tcg or kvm.", DefaultValueFactory = _ => "tcg" };
Option<int> runs = new("--runs") { Description = "How many boots.", DefaultValueFactory = _ => 7 };
Option<string> qemu = new("--qemu") { Description = "QEMU.", DefaultValueFactory = _ => "/usr/bin/qemu-system-x86_64" };
Option<int> memory = new("--memory") { Description = "Memory in MiB.", DefaultValueFactory = _ => 512 };
Option<string?> json = new("--json") { Description = "Also write the figures to this file." };
Option<string?> append = new("--append") { Description = "More words for the kernel's command line, to see what they cost." };
Option<string?> kernel = new("--kernel") { Description = "Another kernel." };
Option<string> bios = new("--bios") { Description = "Firmware; as the visor, qboot where QEMU has it.", DefaultValueFactory = _ => "/usr/share/qemu/qboot.rom" };
Option<string?> initrd = new("--initrd") { Description = "Put this archive before the floor's own, to see what its size costs." };
Option<string> board = new("--board") { Description = "QEMU's -M, without the accelerator.", DefaultValueFactory = _ => "microvm,x-option-roms=off,isa-serial=on,rtc=on,memory-backend=m" };
Option<string?> cpu = new("--cpu") { Description = "QEMU's -cpu." };
Option<string[]> extra = new("--extra") { Description = "One more argument for QEMU.", DefaultValueFactory = _ => [] };
RootCommand root = new("Measures the floor: the guest image's kernel with an init that prints one line, from the start of QEMU to the line.")
{
    guest, machine, runs, qemu, memory, json, append, kernel, bios, initrd, board, cpu, extra,
};
root.SetAction(async parsed =>
{
    string folder = parsed.GetRequiredValue(guest), kind = parsed.GetRequiredValue(machine);
    GuestManifest manifest = ManifestReader.Read(await File.ReadAllBytesAsync(Path.Combine(folder, GuestManifest.FileName)));
    string archive = Path.GetTempFileName();
    try
    {
        await using (FileStream output = File.Create(archive))
        {
            // The kernel unpacks archives one after the other; the last init wins.
            if (parsed.GetValue(initrd) is { } more)
            {
                output.Write(await File.ReadAllBytesAsync(more));
                output.Write(new byte[(int)(-output.Length & 511)]);
            }

            CpioWriter.Write(output, [CpioEntry.File("init", FloorInit.Assemble(), 0x1ED)]);
        }

        string[] arguments =
        [
            "-M", $"{parsed.GetRequiredValue(board)},accel={kind}", "-cpu", parsed.GetValue(cpu) ?? (kind == "kvm" ? "host" : "max"),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-smp", "1", "-m", $"{parsed.GetValue(memory)}M",
            "-object", $"memory-backend-memfd,id=m,size={parsed.GetValue(memory)}M,share=on",
            "-kernel", parsed.GetValue(kernel) ?? Path.Combine(folder, manifest.Kernel.Path), "-initrd", archive,
            "-append", ClockHint.AddTo($"{manifest.CommandLines[kind]} {parsed.GetValue(append)}".TrimEnd(), Enum.Parse<MachineKind>(kind, ignoreCase: true)),
            "-bios", parsed.GetRequiredValue(bios), "-serial", "stdio", .. parsed.GetValue(extra) ?? [],
        ];
        List<double> times = [], processor = [];
        for (int i = 0; i < parsed.GetValue(runs); i++)
        {
            FloorRun run = await FloorRun.MeasureAsync(parsed.GetRequiredValue(qemu), arguments);
            times.Add(run.Milliseconds);
            processor.Add(run.ProcessorMilliseconds);
        }

        times.Sort();
        processor.Sort();
        string figures = $"{{\"machine\":\"{kind}\",\"kernel\":\"{manifest.KernelVersion}\",\"runs\":{times.Count},\"minMs\":{times[0]:F0},\"medianMs\":{times[times.Count / 2]:F0},\"maxMs\":{times[^1]:F0},\"medianProcessorMs\":{processor[processor.Count / 2]:F0}}}";
        Console.WriteLine(figures);
        if (parsed.GetValue(json) is { } file)
        {
            await File.WriteAllTextAsync(file, figures + "\n", new UTF8Encoding(false));
        }

        return 0;
    }
    finally
    {
        File.Delete(archive);
    }
});
return await root.Parse(args).InvokeAsync();
