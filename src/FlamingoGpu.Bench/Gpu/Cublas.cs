using System.Runtime.InteropServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Bench.Gpu;

/// <summary>
/// cuBLAS' matrix product, loaded only here, as the peer of ours. It works in the context that is current on the
/// calling thread and on the legacy stream, which keeps order with ours.
/// </summary>
internal sealed unsafe class Cublas : IDisposable
{
    private const int Transpose = 1, NoTranspose = 0; // CUBLAS_OP_T, CUBLAS_OP_N
    private const int BFloat = 14; // CUDA_R_16BF
    private const int ComputeFloat = 68; // CUBLAS_COMPUTE_32F
    private const int DefaultAlgorithm = -1; // CUBLAS_GEMM_DEFAULT

    private static readonly string[] Names =
        ["libcublas.so.13", "libcublas.so.12", "cublas64_13.dll", "cublas64_12.dll"];

    private readonly delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, int, nint, int, int, float*,
        nint, int, int, int, int, int> _multiply;
    private readonly delegate* unmanaged<nint, int> _destroy;
    private readonly nint _handle;

    private Cublas(nint library, string name)
    {
        Name = name;
        var create = (delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cublasCreate_v2");
        _destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cublasDestroy_v2");
        _multiply = (delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, int, nint, int, int, float*,
            nint, int, int, int, int, int>)
            NativeLibrary.GetExport(library, "cublasGemmEx");
        nint handle;
        Require(create(&handle), "cublasCreate_v2");
        _handle = handle;
    }

    /// <summary>File it came from.</summary>
    public string Name { get; }

    /// <summary>Loads it, or says why it cannot be had.</summary>
    public static Cublas? TryLoad(out string? reason)
    {
        reason = null;
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library)) continue;
            try
            {
                return new Cublas(library, name);
            }
            catch (Exception error) when (error is EntryPointNotFoundException or DeviceException)
            {
                reason = error.Message;
            }
        }

        reason ??= "cuBLAS was not found (libcublas.so.12 or .13)";
        return null;
    }

    /// <summary>
    /// y[M, N] = x[M, K] · w[N, K]ᵀ in bf16 with f32 sums; cuBLAS sees the matrices transposed, columns first.
    /// </summary>
    public void Multiply(int m, int n, int k, nint x, nint w, nint y)
    {
        float one = 1, zero = 0;
        Require(
            _multiply(_handle, Transpose, NoTranspose, n, m, k, &one, w, BFloat, k, x, BFloat, k, &zero, y, BFloat, n,
                ComputeFloat, DefaultAlgorithm),
            "cublasGemmEx");
    }

    public void Dispose() => _ = _destroy(_handle);

    private static void Require(int status, string call)
    {
        if (status != 0) throw new DeviceException($"{call} gave status {status}.");
    }
}
