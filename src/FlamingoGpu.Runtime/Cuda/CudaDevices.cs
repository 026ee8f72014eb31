using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>What NVIDIA's driver offers on this machine, or why it offers nothing. Opens no context.</summary>
/// <param name="DriverVersion">CUDA version of the driver, 13000 for 13.0; 0 without a usable driver.</param>
/// <param name="Cards">The visible cards, by ordinal.</param>
/// <param name="Missing">Why there is none, and what to do; null when there are cards.</param>
public sealed unsafe record CudaDevices(int DriverVersion, IReadOnlyList<CudaDeviceInfo> Cards, string? Missing)
{
    private const int NameBytes = 256;

    /// <summary>CUDA version of the driver as people write it, or null without a usable driver.</summary>
    public string? DriverText => DriverVersion == 0 ? null : CudaErrors.Version(DriverVersion);

    /// <summary>Looks around.</summary>
    public static CudaDevices Survey() => Survey(CudaLibrary.Load);

    /// <summary>Looks around with functions of one's own.</summary>
    internal static CudaDevices Survey(Func<CudaApi> load)
    {
        try
        {
            var api = load();
            var count = Count(api);
            if (count == 0) throw CudaErrors.NoDevice(api.DriverVersion);
            return new CudaDevices(
                api.DriverVersion, [.. Enumerable.Range(0, count).Select(ordinal => Describe(api, ordinal))], null);
        }
        catch (DeviceException error)
        {
            return new CudaDevices(0, [], error.Message);
        }
    }

    /// <summary>The card of an ordinal.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    internal static CudaDeviceInfo Find(CudaApi api, int ordinal)
    {
        var count = Count(api);
        if (count == 0) throw CudaErrors.NoDevice(api.DriverVersion);
        if (ordinal < 0 || ordinal >= count)
            throw new DeviceException(
                $"cuda:{ordinal}: there is no such card; the last of the {count} is cuda:{count - 1}.");
        return Describe(api, ordinal);
    }

    private static int Count(CudaApi api)
    {
        int count;
        api.Check(api.DeviceGetCount(&count), "cuDeviceGetCount");
        return count;
    }

    private static CudaDeviceInfo Describe(CudaApi api, int ordinal)
    {
        int device;
        nuint memory;
        var text = stackalloc byte[NameBytes];
        api.Check(api.DeviceGet(&device, ordinal), "cuDeviceGet");
        api.Check(api.DeviceTotalMem(&memory, device), "cuDeviceTotalMem");
        api.Check(api.DeviceGetName(text, NameBytes, device), "cuDeviceGetName");
        var name = Text(text);
        api.Check(api.DeviceGetPCIBusId(text, NameBytes, device), "cuDeviceGetPCIBusId");
        return new CudaDeviceInfo
        {
            Ordinal = ordinal,
            Handle = device,
            Name = name,
            BusId = Text(text),
            MemoryBytes = (long)memory,
            ComputeMajor = api.Attribute(CudaDeviceAttribute.ComputeMajor, device),
            ComputeMinor = api.Attribute(CudaDeviceAttribute.ComputeMinor, device),
        };
    }

    private static string Text(byte* text)
    {
        var bytes = new ReadOnlySpan<byte>(text, NameBytes);
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
