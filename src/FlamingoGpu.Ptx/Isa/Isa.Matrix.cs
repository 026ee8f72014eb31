using System.Globalization;
using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class Isa
{
    /// <summary>
    /// <c>ldmatrix.sync.aligned.m8n8.xN.shared.b16</c>: loads <paramref name="count"/> matrices of 8×8 16-bit
    /// elements into
    /// fragments. Lane 8i+r gives the address of row r of matrix i; register i of lane ℓ gets row ℓ/4, columns
    /// 2(ℓ%4) and
    /// the next of matrix i (transposed: of its transpose).
    /// </summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="row">Address of this lane's row, aligned to 16 bytes.</param>
    /// <param name="count">1, 2 or 4 matrices.</param>
    /// <param name="transposed">Whether to transpose each matrix on the way.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static B32[] LdmatrixM8N8<T>(Shared<T> row, int count, bool transposed = false,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        if (count is not (1 or 2 or 4)) emitter.Fail($"ldmatrix loads 1, 2 or 4 matrices, not {count}.");
        var results = new Operand[count];
        for (var i = 0; i < count; i++) results[i] = emitter.Define(RegisterKind.Bits32);
        var trans = transposed ? ".trans" : "";
        emitter.Emit(
            string.Create(CultureInfo.InvariantCulture, $"ldmatrix.sync.aligned.m8n8.x{count}{trans}.shared.b16"),
            Slot.To(results), At(row));
        return Array.ConvertAll(results, operand => new B32(operand));
    }

    /// <summary>
    /// <c>mma.sync.aligned.m16n8k16.row.col.f32</c>: d = a·b + d of a warp, bf16 or f16 products summed in f32.
    /// </summary>
    /// <typeparam name="T"><see cref="BF16"/> or <see cref="F16"/>.</typeparam>
    /// <param name="d">The 16×8 accumulator of this lane: 4 variables, updated in place.</param>
    /// <param name="a">The 16×16 factor of this lane: 4 registers.</param>
    /// <param name="b">The 16×8 factor of this lane: 2 registers.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void MmaSyncM16N8K16RowColF32<T>(
        ReadOnlySpan<Var<F32>> d, ReadOnlySpan<B32> a, ReadOnlySpan<B32> b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IMatrixElement<T>
    {
        var type = T.Type.Name;
        var mnemonic = $"mma.sync.aligned.m16n8k16.row.col.f32.{type}.{type}.f32";
        Multiply(Emitter.At(line, file), mnemonic, Registers(d), a, b);
    }

    /// <summary><c>mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32</c>: d = a·b + d of a warp, exact in s32.</summary>
    /// <param name="d">The 16×8 accumulator of this lane: 4 variables, updated in place; wraps on overflow.</param>
    /// <param name="a">The 16×32 factor of this lane: 4 registers of 4 elements.</param>
    /// <param name="b">The 32×8 factor of this lane: 2 registers of 4 elements.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void MmaSyncM16N8K32RowColS32S8(
        ReadOnlySpan<Var<S32>> d, ReadOnlySpan<B32> a, ReadOnlySpan<B32> b,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Multiply(Emitter.At(line, file), "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", Registers(d), a, b);

    private static void Multiply(
        Emitter emitter, string mnemonic, Operand[] d, ReadOnlySpan<B32> a, ReadOnlySpan<B32> b)
    {
        if (d.Length != 4 || a.Length != 4 || b.Length != 2)
            emitter.Fail($"'{mnemonic}' takes 4, 4 and 2 registers, not {d.Length}, {a.Length} and {b.Length}.");
        emitter.Emit(mnemonic, Slot.To(d), Slot.From(Operands(a)), Slot.From(Operands(b)), Slot.From(d));
    }

    private static Operand[] Registers<T>(ReadOnlySpan<Var<T>> variables)
        where T : struct, IDeviceValue<T>
    {
        var registers = new Operand[variables.Length];
        for (var i = 0; i < registers.Length; i++) registers[i] = variables[i].Register;
        return registers;
    }

    private static Operand[] Operands(ReadOnlySpan<B32> values)
    {
        var operands = new Operand[values.Length];
        for (var i = 0; i < operands.Length; i++) operands[i] = values[i].Operand;
        return operands;
    }
}
