using System.Collections.Frozen;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>The allow-list: every global that a torch file may name.</summary>
internal static class TorchGlobals
{
    private const string ScriptPrefix = "__torch__";

    private static readonly FrozenDictionary<string, TorchGlobal> Common = Table(
    [
        ("collections.OrderedDict", TorchGlobalKind.Dictionary, null),
        ("torch._utils._rebuild_tensor", TorchGlobalKind.RebuildTensor, null),
        ("torch._utils._rebuild_tensor_v2", TorchGlobalKind.RebuildTensor, null),
        ("torch._utils._rebuild_tensor_v3", TorchGlobalKind.RebuildTensorOfDType, null),
        ("torch._utils._rebuild_parameter", TorchGlobalKind.RebuildParameter, null),
        ("torch._utils._rebuild_parameter_with_state", TorchGlobalKind.RebuildParameter, null),
        ("torch._tensor._rebuild_from_type_v2", TorchGlobalKind.RebuildFromType, null),
        ("torch.Tensor", TorchGlobalKind.TensorClass, null),
        ("torch.nn.parameter.Parameter", TorchGlobalKind.TensorClass, null),
        ("torch.nn.parameter.Buffer", TorchGlobalKind.TensorClass, null),

        ("torch.FloatStorage", TorchGlobalKind.Storage, DType.F32),
        ("torch.DoubleStorage", TorchGlobalKind.Storage, DType.F64),
        ("torch.HalfStorage", TorchGlobalKind.Storage, DType.F16),
        ("torch.BFloat16Storage", TorchGlobalKind.Storage, DType.BF16),
        ("torch.LongStorage", TorchGlobalKind.Storage, DType.I64),
        ("torch.IntStorage", TorchGlobalKind.Storage, DType.I32),
        ("torch.ShortStorage", TorchGlobalKind.Storage, DType.I16),
        ("torch.CharStorage", TorchGlobalKind.Storage, DType.I8),
        ("torch.ByteStorage", TorchGlobalKind.Storage, DType.U8),
        ("torch.BoolStorage", TorchGlobalKind.Storage, DType.Bool),
        ("torch.ComplexFloatStorage", TorchGlobalKind.Storage, DType.C64),
        ("torch.storage.UntypedStorage", TorchGlobalKind.Storage, DType.U8),

        ("torch.float32", TorchGlobalKind.DTypeConstant, DType.F32),
        ("torch.float64", TorchGlobalKind.DTypeConstant, DType.F64),
        ("torch.float16", TorchGlobalKind.DTypeConstant, DType.F16),
        ("torch.bfloat16", TorchGlobalKind.DTypeConstant, DType.BF16),
        ("torch.int64", TorchGlobalKind.DTypeConstant, DType.I64),
        ("torch.int32", TorchGlobalKind.DTypeConstant, DType.I32),
        ("torch.int16", TorchGlobalKind.DTypeConstant, DType.I16),
        ("torch.int8", TorchGlobalKind.DTypeConstant, DType.I8),
        ("torch.uint8", TorchGlobalKind.DTypeConstant, DType.U8),
        ("torch.uint16", TorchGlobalKind.DTypeConstant, DType.U16),
        ("torch.uint32", TorchGlobalKind.DTypeConstant, DType.U32),
        ("torch.uint64", TorchGlobalKind.DTypeConstant, DType.U64),
        ("torch.bool", TorchGlobalKind.DTypeConstant, DType.Bool),
        ("torch.complex64", TorchGlobalKind.DTypeConstant, DType.C64),
        ("torch.float8_e4m3fn", TorchGlobalKind.DTypeConstant, DType.F8E4M3),
        ("torch.float8_e5m2", TorchGlobalKind.DTypeConstant, DType.F8E5M2),
        ("torch.float8_e4m3fnuz", TorchGlobalKind.DTypeConstant, DType.F8E4M3Fnuz),
        ("torch.float8_e5m2fnuz", TorchGlobalKind.DTypeConstant, DType.F8E5M2Fnuz),
        ("torch.float8_e8m0fnu", TorchGlobalKind.DTypeConstant, DType.F8E8M0),

        // Leftovers of training, in the spelling of protocol 2 and of later ones.
        ("collections.Counter", TorchGlobalKind.Dictionary, null),
        ("collections.defaultdict", TorchGlobalKind.Dictionary, null),
        ("torch.Size", TorchGlobalKind.Opaque, null),
        ("torch.device", TorchGlobalKind.Opaque, null),
        ("_codecs.encode", TorchGlobalKind.Opaque, null),
        ("__builtin__.set", TorchGlobalKind.Opaque, null),
        ("__builtin__.frozenset", TorchGlobalKind.Opaque, null),
        ("__builtin__.bytearray", TorchGlobalKind.Opaque, null),
        ("__builtin__.complex", TorchGlobalKind.Opaque, null),
        ("builtins.set", TorchGlobalKind.Opaque, null),
        ("builtins.frozenset", TorchGlobalKind.Opaque, null),
        ("builtins.bytearray", TorchGlobalKind.Opaque, null),
        ("builtins.complex", TorchGlobalKind.Opaque, null),
    ]);

    private static readonly FrozenDictionary<string, TorchGlobal> Script = Table(
    [
        ("torch.jit._pickle.restore_type_tag", TorchGlobalKind.ScriptValue, null),
        ("torch.jit._pickle.build_intlist", TorchGlobalKind.ScriptValue, null),
        ("torch.jit._pickle.build_doublelist", TorchGlobalKind.ScriptValue, null),
        ("torch.jit._pickle.build_boollist", TorchGlobalKind.ScriptValue, null),
        ("torch.jit._pickle.build_tensorlist", TorchGlobalKind.ScriptValue, null),
    ]);

    private static readonly TorchGlobal ScriptClass = new(ScriptPrefix, TorchGlobalKind.ScriptClass);

    /// <summary>Finds a global; TorchScript's own are known only in its archives.</summary>
    public static TorchGlobal? Find(string module, string name, bool isTorchScript)
    {
        var fullName = $"{module}.{name}";
        if (Common.TryGetValue(fullName, out var global)) return global;
        if (!isTorchScript) return null;
        if (Script.TryGetValue(fullName, out global)) return global;
        var isScriptClass = module == ScriptPrefix || module.StartsWith(ScriptPrefix + ".", StringComparison.Ordinal);
        return isScriptClass ? ScriptClass : null;
    }

    private static FrozenDictionary<string, TorchGlobal> Table(
        (string Name, TorchGlobalKind Kind, DType? DType)[] rows) =>
        rows.ToFrozenDictionary(
            row => row.Name, row => new TorchGlobal(row.Name, row.Kind, row.DType), StringComparer.Ordinal);
}
