using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// How a card runs at this moment, from NVML: for the header of a benchmark, where a figure without clocks and power is
/// worth little. The library is optional and so is each figure.
/// </summary>
/// <param name="PowerWatts">Drawn now, null when not told.</param>
/// <param name="MultiprocessorMegahertz">Clock of the multiprocessors now, null when not told.</param>
/// <param name="MemoryMegahertz">Clock of the memory now, null when not told.</param>
/// <param name="TemperatureCelsius">Of the chip, null when not told.</param>
/// <param name="Driver">Version of the driver's release, such as 580.159.04, null when not told.</param>
public sealed unsafe record CudaClocks(
    double? PowerWatts, int? MultiprocessorMegahertz, int? MemoryMegahertz, int? TemperatureCelsius,
    string? Driver = null)
{
    private const int ClockMultiprocessor = 1; // NVML_CLOCK_SM
    private const int ClockMemory = 2; // NVML_CLOCK_MEM
    private const int SensorChip = 0; // NVML_TEMPERATURE_GPU
    private const int VersionBytes = 80; // NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE

    /// <summary>Asks for the card of an ordinal, as <see cref="CudaDevices"/> lists it.</summary>
    /// <returns>Null without NVML, or when it does not know the card.</returns>
    public static CudaClocks? TryRead(int ordinal)
    {
        var cards = CudaDevices.Survey().Cards;
        return ordinal < cards.Count ? TryRead(cards[ordinal].BusId) : null;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string?[] parts =
        [
            Driver is null ? null : $"driver {Driver}",
            MultiprocessorMegahertz is { } clock ? $"multiprocessors at {clock} MHz" : null,
            MemoryMegahertz is { } memory ? $"memory at {memory} MHz" : null,
            PowerWatts is { } watts ? string.Create(CultureInfo.InvariantCulture, $"{watts:0} W") : null,
            TemperatureCelsius is { } celsius ? $"{celsius} °C" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    /// <summary>Asks for a card.</summary>
    /// <param name="busId">Its place on the bus, <see cref="CudaDeviceInfo.BusId"/>.</param>
    /// <returns>Null without NVML, or when it does not know the card.</returns>
    public static CudaClocks? TryRead(string busId)
    {
        var name = OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";
        return NativeLibrary.TryLoad(name, out var library)
            ? TryRead(busId, export => NativeLibrary.TryGetExport(library, export, out var address) ? address : 0)
            : null;
    }

    /// <summary>Asks through functions of one's own.</summary>
    internal static CudaClocks? TryRead(string busId, Func<string, nint> export)
    {
        var initialise = (delegate* unmanaged<int>)export("nvmlInit_v2");
        var find = (delegate* unmanaged<byte*, nint*, int>)export("nvmlDeviceGetHandleByPciBusId_v2");
        var power = (delegate* unmanaged<nint, uint*, int>)export("nvmlDeviceGetPowerUsage");
        var clock = (delegate* unmanaged<nint, int, uint*, int>)export("nvmlDeviceGetClockInfo");
        var temperature = (delegate* unmanaged<nint, int, uint*, int>)export("nvmlDeviceGetTemperature");
        var version = (delegate* unmanaged<byte*, uint, int>)export("nvmlSystemGetDriverVersion");
        if (initialise is null || find is null || initialise() != 0) return null;
        nint device;
        fixed (byte* id = Encoding.ASCII.GetBytes(busId + '\0'))
        {
            if (find(id, &device) != 0) return null;
        }

        var text = stackalloc byte[VersionBytes];
        var hasVersion = version is not null && version(text, VersionBytes) == 0;
        uint milliwatts, multiprocessor, memory, celsius;
        return new CudaClocks(
            power is not null && power(device, &milliwatts) == 0 ? milliwatts / 1000.0 : null,
            clock is not null && clock(device, ClockMultiprocessor, &multiprocessor) == 0 ? (int)multiprocessor : null,
            clock is not null && clock(device, ClockMemory, &memory) == 0 ? (int)memory : null,
            temperature is not null && temperature(device, SensorChip, &celsius) == 0 ? (int)celsius : null,
            hasVersion ? Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)) : null);
    }
}
