using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>The assembler inside the driver: PTX in, cubin and log out.</summary>
internal static unsafe class CudaAssembler
{
    /// <summary>What is asked of it beside the text; part of a cached cubin's name.</summary>
    public const string Options = "target from context, verbose log";

    private const int InputPtx = 1; // CU_JIT_INPUT_PTX

    /// <summary>Assembles for the card of the context.</summary>
    /// <exception cref="DeviceException">The text is refused; carries the assembler's log.</exception>
    public static Cubin Assemble(CudaContext context, string ptx)
    {
        var api = context.Enter();
        using var options = new CudaJitOptions();
        nint linker;
        api.Check(api.LinkCreate(options.Count, options.Names, options.Values, &linker), "cuLinkCreate");
        try
        {
            byte* image;
            nuint imageBytes;
            fixed (byte* text = Encoding.UTF8.GetBytes(ptx + '\0'), name = "kernel.ptx\0"u8)
            {
                var bytes = (nuint)Encoding.UTF8.GetByteCount(ptx) + 1;
                Check(api.LinkAddData(linker, InputPtx, text, bytes, name, 0, null, null), "cuLinkAddData");
                Check(api.LinkComplete(linker, &image, &imageBytes), "cuLinkComplete");
            }

            return new Cubin(new ReadOnlySpan<byte>(image, checked((int)imageBytes)).ToArray(), options.Log);
        }
        finally
        {
            _ = api.LinkDestroy(linker);
        }

        void Check(CudaStatus status, string call)
        {
            if (status == CudaStatus.Success) return;
            throw CudaErrors.Failed(api, status, call, $"The assembler says: {options.Errors}");
        }
    }
}
