using System.Runtime.CompilerServices;
using FlamingoGpu.Core;

namespace FlamingoGpu.Ptx;

/// <summary>Declares the parameters and facts of a kernel while its body is staged.</summary>
public sealed class KernelBuilder
{
    private readonly Emitter _emitter;
    private readonly List<KernelParameter> _parameters = [];

    internal KernelBuilder(Emitter emitter) => _emitter = emitter;

    /// <summary>Threads of one block.</summary>
    public BlockShape Block => _emitter.Block!.Value;

    internal IReadOnlyList<KernelParameter> Parameters => _parameters;

    /// <summary>A pointer to global memory that is only read.</summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="name">Name of the parameter, a C# identifier.</param>
    /// <param name="alignment">Bytes the caller must align the pointer to.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public Ptr<T> Input<T>(
        string name, int alignment = 16, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => Pointer<T>(name, ParameterAccess.Read, alignment, line, file);

    /// <summary>A pointer to global memory that is only written.</summary>
    /// <inheritdoc cref="Input{T}"/>
    public Ptr<T> Output<T>(
        string name, int alignment = 16, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => Pointer<T>(name, ParameterAccess.Write, alignment, line, file);

    /// <summary>A pointer to global memory that is read and written.</summary>
    /// <inheritdoc cref="Input{T}"/>
    public Ptr<T> InOut<T>(
        string name, int alignment = 16, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => Pointer<T>(name, ParameterAccess.ReadWrite, alignment, line, file);

    /// <summary>A pointer to f32, f16 or bf16 elements of global memory that are only read.</summary>
    /// <param name="name">Name of the parameter, a C# identifier.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="alignment">Bytes the caller must align the pointer to; 0 for those of an element.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public FloatPtr InputFloats(
        string name, DType type, int alignment = 0, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Floats(name, type, ParameterAccess.Read, alignment, line, file);

    /// <summary>A pointer to f32, f16 or bf16 elements of global memory that are only written.</summary>
    /// <inheritdoc cref="InputFloats"/>
    public FloatPtr OutputFloats(
        string name, DType type, int alignment = 0, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Floats(name, type, ParameterAccess.Write, alignment, line, file);

    /// <summary>A pointer to f32, f16 or bf16 elements of global memory that are read and written.</summary>
    /// <inheritdoc cref="InputFloats"/>
    public FloatPtr InOutFloats(
        string name, DType type, int alignment = 0, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Floats(name, type, ParameterAccess.ReadWrite, alignment, line, file);

    /// <summary>A number passed by value.</summary>
    /// <typeparam name="T">One of <see cref="S32"/>, <see cref="U32"/>, <see cref="S64"/>, <see cref="U64"/>,
    /// <see cref="F32"/>.</typeparam>
    /// <param name="name">Name of the parameter, a C# identifier.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public T Scalar<T>(string name, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var type = T.Type;
        Emitter.At(line, file);
        if (type.Size is not (4 or 8))
            _emitter.Fail($"parameter '{name}' cannot be a {type.Name}; pass a 32- or 64-bit number.");
        Declare(new KernelParameter(name, type.Name, type.Size, ParameterAccess.Value, type.Name, 0));
        return T.From(Load(name, type.Name, type.Kind));
    }

    private Ptr<T> Pointer<T>(string name, ParameterAccess access, int alignment, int line, string file)
        where T : struct, IDeviceValue<T>
    {
        Emitter.At(line, file);
        Declare(new KernelParameter(name, "u64", 8, access, T.Type.Name, alignment));
        var generic = Load(name, "u64", RegisterKind.Bits64);
        return new Ptr<T>(_emitter.Compute(RegisterKind.Bits64, "cvta.to.global.u64", generic), 0);
    }

    private FloatPtr Floats(string name, DType type, ParameterAccess access, int alignment, int line, string file)
    {
        var least = type == DType.F32 ? 4 : 2;
        return type switch
        {
            DType.F32 => new(type, Pointer<F32>(name, access, Math.Max(alignment, least), line, file).As<B32>()),
            DType.F16 => new(type, Pointer<F16>(name, access, Math.Max(alignment, least), line, file).As<B32>()),
            DType.BF16 => new(type, Pointer<BF16>(name, access, Math.Max(alignment, least), line, file).As<B32>()),
            _ => throw new NotSupportedException($"'{name}' cannot point to {type.ShortName()}."),
        };
    }

    private Operand Load(string name, string type, RegisterKind kind)
    {
        var result = _emitter.Define(kind);
        var symbol = Operand.Named(KernelParameter.Symbol(name));
        _emitter.Emit(Freedom.Pure, $"ld.param.{type}", Slot.To(result), Slot.At(symbol));
        return result;
    }

    private void Declare(KernelParameter parameter)
    {
        if (!PtxKernel.IsIdentifier(parameter.Name))
            _emitter.Fail(
                $"'{parameter.Name}' is no name for a parameter: letters, digits and '_', not starting with a digit.");
        if (_parameters.Exists(known => known.Name == parameter.Name))
            _emitter.Fail($"parameter '{parameter.Name}' is declared twice.");
        _parameters.Add(parameter);
    }
}
