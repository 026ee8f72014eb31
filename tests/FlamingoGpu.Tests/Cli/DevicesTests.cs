using System.Text.Json;
using FlamingoGpu.Cli;
using FlamingoGpu.Runtime.Cpu;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Tests.Cli;

/// <summary>What <c>devices</c> and <c>doctor</c> list, with and without a GPU in the machine.</summary>
public class DevicesTests
{
    [Fact]
    public void Devices_Json_HasEachDeviceAndTheReasons()
    {
        var run = CliRun.Of("devices", "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var devices = run.Json.GetProperty("devices").EnumerateArray().ToList();
        var names = devices.Select(device => device.GetProperty("name").GetString()!).ToList();
        Assert.Equal(["cpu", "virtual"], names[..2]);
        Assert.NotEmpty(names[2..]);
        Assert.All(names[2..], name => Assert.StartsWith("cuda", name, StringComparison.Ordinal));
        Assert.All(devices, device =>
        {
            var missing = device.GetProperty("missing");
            Assert.Equal(device.GetProperty("usable").GetBoolean(), missing.ValueKind == JsonValueKind.Null);
            Assert.NotEqual("", missing.GetString());
            Assert.NotEqual("", device.GetProperty("description").GetString());
        });
        var hasDriver = run.Json.GetProperty("cuda_driver").ValueKind == JsonValueKind.String;
        Assert.Equal(hasDriver, !names.Contains("cuda")); // cards by number, or one row that says why there is none
    }

    [Fact]
    public void Devices_Text_HasALinePerDevice()
    {
        var lines = CliRun.Of("devices").Text.Split('\n');
        var devices = CliRun.Of("devices", "--json").Json.GetProperty("devices").EnumerateArray().ToList();
        Assert.Equal(devices.Count + 1, lines.Length);
        Assert.StartsWith("device ", lines[0], StringComparison.Ordinal);
        foreach (var (device, line) in devices.Zip(lines.Skip(1)))
        {
            Assert.StartsWith(device.GetProperty("name").GetString()!, line, StringComparison.Ordinal);
            var missing = device.GetProperty("missing").GetString();
            Assert.EndsWith(missing is null ? "usable" : $"missing: {missing}", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Rows_TwoCards_AreNumberedAndTheOldOneIsRefused()
    {
        using var cpu = new CpuDevice(threads: 1);
        var cards = new CudaDevices(13000, [Card(0, "New", 9, 0), Card(1, "Old", 7, 5)], null);
        var rows = DeviceListing.Rows(cpu, cards);
        Assert.Equal(["cpu", "virtual", "cuda:0", "cuda:1"], rows.Select(row => row.Name));
        Assert.Equal(("9.0", 1L << 30), (rows[2].ComputeCapability, rows[2].MemoryBytes));
        Assert.Equal("New, driver with CUDA 13.0", rows[2].Description);
        Assert.Contains("Old has compute capability 7.5; 8.0", rows[3].Missing, StringComparison.Ordinal);
        Assert.StartsWith("missing: ", DeviceListing.Status(rows[3]), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_NoCards_HasTheReason()
    {
        using var cpu = new CpuDevice(threads: 1);
        var rows = DeviceListing.Rows(cpu, new CudaDevices(0, [], "no driver here"));
        Assert.Equal(("cuda", "no driver here"), (rows[^1].Name, rows[^1].Missing));
    }

    [Fact]
    public void Doctor_KernelCache_IsWhereTheEnvironmentSays()
    {
        using var folder = new TemporaryFolder();
        Assert.StartsWith("off", Cache("off"), StringComparison.Ordinal);
        Assert.Equal($"{folder.Path} (0 kernels, 0 B)", Cache(folder.Path));
        folder.Write("a.flamingo.cubin", "1234");
        Assert.Equal($"{folder.Path} (1 kernel, 4 B)", Cache(folder.Path));

        static string? Cache(string value)
        {
            var run = CliRun.With([], [(KernelCache.Variable, value)], "doctor", "--json");
            return run.Json.GetProperty("kernel_cache").GetString();
        }
    }

    private static CudaDeviceInfo Card(int ordinal, string name, int major, int minor) => new()
    {
        Ordinal = ordinal,
        Name = name,
        ComputeMajor = major,
        ComputeMinor = minor,
        MemoryBytes = 1L << 30,
        BusId = "0000:1b:00.0",
    };
}
