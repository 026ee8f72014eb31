using System.Runtime.InteropServices;

namespace FlamingoGpu.Runtime.Cuda;

/// <summary>
/// Options of the assembler and loader, and the two buffers they write to. All of it is outside the managed heap
/// because the driver keeps the addresses until its linker is destroyed.
/// </summary>
internal sealed unsafe class CudaJitOptions : IDisposable
{
    private const int BufferBytes = 256 << 10;

    private readonly byte* _log = (byte*)NativeMemory.AllocZeroed(BufferBytes);
    private readonly byte* _errors = (byte*)NativeMemory.AllocZeroed(BufferBytes);

    /// <summary>Target from context, verbose log.</summary>
    public CudaJitOptions()
    {
        (CudaJitOption Name, nint Value)[] options =
        [
            (CudaJitOption.InfoLog, (nint)_log),
            (CudaJitOption.InfoLogBytes, BufferBytes),
            (CudaJitOption.ErrorLog, (nint)_errors),
            (CudaJitOption.ErrorLogBytes, BufferBytes),
            (CudaJitOption.TargetFromContext, 0), // has no value
            (CudaJitOption.LogVerbose, 1),
        ];
        Count = (uint)options.Length;
        Values = (nint*)NativeMemory.Alloc(Count, (nuint)sizeof(nint));
        Names = (CudaJitOption*)NativeMemory.Alloc(Count, sizeof(CudaJitOption));
        for (var i = 0; i < options.Length; i++) (Names[i], Values[i]) = options[i];
    }

    /// <summary>How many options there are.</summary>
    public uint Count { get; }

    /// <summary>Which.</summary>
    public CudaJitOption* Names { get; }

    /// <summary>Their values.</summary>
    public nint* Values { get; }

    /// <summary>Registers, spills, warnings.</summary>
    public string Log => Text(_log);

    /// <summary>Errors, or where there are none the log.</summary>
    public string Errors => Text(_errors) is { Length: > 0 } errors ? errors : Log;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_log);
        NativeMemory.Free(_errors);
        NativeMemory.Free(Values);
        NativeMemory.Free(Names);
    }

    /// <summary>Up to the first zero, at most the buffer.</summary>
    private static string Text(byte* buffer)
    {
        var bytes = new ReadOnlySpan<byte>(buffer, BufferBytes);
        var end = bytes.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }
}
