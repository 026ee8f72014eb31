using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using FlamingoGpu.Core;

namespace FlamingoGpu.Bench;

/// <summary>
/// OpenBLAS' sgemm, loaded only here. It chooses its kernels when it is loaded, and on processors newer than itself it
/// falls back to ancient ones; so the core type that fits is forced before, whatever the user's environment says,
/// through the C library, because .NET keeps its own copy of the environment. A process can load it once.
/// </summary>
internal sealed unsafe partial class OpenBlas
{
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;

    private static readonly string[] UsualNames = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"];

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;
    private readonly delegate* unmanaged<int, void> _setThreads;

    private OpenBlas(nint library)
    {
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemm");
        _setThreads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads");
        var coreName = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "openblas_get_corename");
        var config = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "openblas_get_config");
        CoreName = Marshal.PtrToStringUTF8((nint)coreName()) ?? "";
        Config = Marshal.PtrToStringUTF8((nint)config()) ?? "";
    }

    /// <summary>Name of the kernels it chose, such as <c>SkylakeX</c>.</summary>
    public string CoreName { get; }

    /// <summary>Its version and how it was built.</summary>
    public string Config { get; }

    /// <summary>Why its speed is no measure on this machine, or null when it is one.</summary>
    public string? UnfitReason
    {
        get
        {
            var usesAvx512 = IsOneOf("SkylakeX", "Cooperlake", "SapphireRapids");
            var usesAvx2 = usesAvx512 || IsOneOf("Haswell", "Zen");
            var lacks = Avx512F.IsSupported && !usesAvx512 ? "AVX-512"
                : Avx2.IsSupported && !usesAvx2 ? "AVX2"
                : IsOneOf("Generic", "Prescott", "Nehalem", "ARMV8") ? "vectors of this processor"
                : null;
            return lacks is null ? null : $"OpenBLAS runs its '{CoreName}' kernels without {lacks}; a ratio against them would flatter";
        }
    }

    /// <summary>Loads the library.</summary>
    /// <param name="name">File name or path, or null for the usual names.</param>
    /// <exception cref="DeviceException">There is none; says how to get it.</exception>
    public static OpenBlas Load(string? name)
    {
        SetUpEnvironment();
        foreach (var candidate in name is null ? UsualNames : [name])
        {
            if (!NativeLibrary.TryLoad(candidate, out var library)) continue;
            try
            {
                return new OpenBlas(library);
            }
            catch (EntryPointNotFoundException error)
            {
                throw new DeviceException($"{candidate} is not OpenBLAS: {error.Message}", error);
            }
        }

        throw new DeviceException($"{name ?? UsualNames[0]} was not found; Debian has it in libopenblas0-pthread");
    }

    /// <summary>How many threads later calls use.</summary>
    public void SetThreads(int count) => _setThreads(count);

    /// <summary>y[M, N] = x[M, K] · w[N, K]ᵀ, all contiguous.</summary>
    public void Multiply(GemmShape shape, float* x, float* w, float* y) =>
        _multiply(RowMajor, NoTranspose, Transpose, shape.M, shape.N, shape.K, 1, x, shape.K, w, shape.K, 0, y, shape.N);

    private static void SetUpEnvironment()
    {
        if (OperatingSystem.IsWindows()) return;
        var type = Avx512F.IsSupported ? "SkylakeX" : Avx2.IsSupported ? "Haswell" : null;
        if (type is not null) _ = SetEnvironment("OPENBLAS_CORETYPE", type, 1);
        _ = ClearEnvironment("OPENBLAS_L2_SIZE"); // it would change the sizes of its blocks
    }

    private bool IsOneOf(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (string.Equals(name, CoreName, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ClearEnvironment(string name);
}
