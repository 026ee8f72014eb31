using System.Runtime.InteropServices;
using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// Finds the driver at run time. Only three functions are taken from the library by name; all others come from
/// <c>cuGetProcAddress_v2</c>, which picks the variant that belongs to CUDA 12.0, so that suffixes cannot be mistaken.
/// </summary>
internal static unsafe class CudaLibrary
{
    /// <summary>The oldest CUDA version that has everything used here.</summary>
    public const int NeededVersion = 12000;

    private static CudaApi? _loaded;

    /// <summary>The driver of this machine, initialised.</summary>
    /// <exception cref="DeviceException">There is none, it is too old, or it sees no GPU.</exception>
    public static CudaApi Load()
    {
        if (_loaded is not null) return _loaded;
        var name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(name, out var library)) throw CudaErrors.NoDriver(name);
        return _loaded = Start(export => NativeLibrary.TryGetExport(library, export, out var address) ? address : 0);
    }

    /// <summary>Checks the driver's version, collects its functions and initialises it.</summary>
    /// <param name="export">Address of a function of the library, or 0.</param>
    /// <exception cref="DeviceException">It is too old, or sees no GPU.</exception>
    public static CudaApi Start(Func<string, nint> export)
    {
        var getVersion = (delegate* unmanaged<int*, CudaStatus>)export("cuDriverGetVersion");
        var getProcAddress =
            (delegate* unmanaged<byte*, nint*, int, ulong, int*, CudaStatus>)export("cuGetProcAddress_v2");
        var version = VersionOf(getVersion);
        if (version == 0) throw CudaErrors.Unusable();
        if (version < NeededVersion || getProcAddress is null) throw CudaErrors.TooOld(version);

        var api = new CudaApi(Resolve, version);
        var status = api.Init(0);
        if (status == CudaStatus.NoDevice) throw CudaErrors.NoDevice(version);
        api.Check(status, "cuInit");
        return api;

        nint Resolve(string name)
        {
            nint address = 0;
            fixed (byte* symbol = Encoding.ASCII.GetBytes(name + '\0'))
            {
                var found = getProcAddress(symbol, &address, NeededVersion, 0, null);
                if (found == CudaStatus.Success && address != 0) return address;
            }

            throw new DeviceException(
                $"the NVIDIA driver (CUDA {CudaErrors.Version(version)}) has no {name}: its installation is damaged.");
        }
    }

    /// <summary>0 when the library does not say.</summary>
    private static int VersionOf(delegate* unmanaged<int*, CudaStatus> getVersion)
    {
        var version = 0;
        return getVersion is not null && getVersion(&version) == CudaStatus.Success ? version : 0;
    }
}
