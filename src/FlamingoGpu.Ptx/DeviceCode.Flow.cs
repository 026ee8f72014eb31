using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>
/// The words kernels are written in; import them with <c>using static FlamingoGpu.Ptx.DeviceCode</c>. What takes an
/// <see cref="Action"/> stages it once: a host <c>for</c> around device code unrolls, <see cref="For(S32, S32, S32,
/// Action{S32}, int, string)"/> loops on the device.
/// </summary>
public static partial class DeviceCode
{
    /// <summary>A variable that starts as <paramref name="value"/>.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="value">First value.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static Var<T> Var<T>(T value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => new(value, line, file);

    /// <inheritdoc cref="Var{T}"/>
    public static Var<F32> Var(float value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(value, line, file);

    /// <inheritdoc cref="Var{T}"/>
    public static Var<S32> Var(int value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(value, line, file);

    /// <inheritdoc cref="Var{T}"/>
    public static Var<U32> Var(uint value, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        new(value, line, file);

    /// <summary>
    /// A loop of the device: i = start, start + step, … below end. The body is staged once; i is fixed inside it.
    /// </summary>
    /// <param name="start">First index.</param>
    /// <param name="end">The index to stop before.</param>
    /// <param name="step">What is added each time; above 0.</param>
    /// <param name="body">The code of one round.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void For(S32 start, S32 end, S32 step, Action<S32> body,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        if (step.Operand.Integer is <= 0) emitter.Fail($"a loop needs a step above 0, not {step.Operand.Integer}.");
        var runsAtLeastOnce = start.Operand.Integer is { } first && end.Operand.Integer is { } last && first < last;
        var loop = emitter.NewLabel("for");
        var done = emitter.NewLabel("endfor");
        emitter.InsideLoop(() =>
        {
            var index = emitter.Define(RegisterKind.Bits32);
            emitter.Assign(Freedom.Pure, index, "mov.b32", start.Operand);
            if (!runsAtLeastOnce)
                emitter.Branch(done, emitter.Compute(RegisterKind.Predicate, "setp.ge.s32", index, end.Operand));
            emitter.Place(loop);
            body(new S32(index));
            emitter = Emitter.At(line, file);
            emitter.Assign(Freedom.Pure, index, "add.s32", index, step.Operand);
            emitter.Branch(loop, emitter.Compute(RegisterKind.Predicate, "setp.lt.s32", index, end.Operand));
            emitter.Place(done);
        });
    }

    /// <summary>A loop of the device over start, start + 1, … below end.</summary>
    /// <inheritdoc cref="For(S32, S32, S32, Action{S32}, int, string)"/>
    public static void For(S32 start, S32 end, Action<S32> body,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") => For(start, end, 1, body, line, file);

    /// <summary>
    /// A loop of the device that runs as long as the condition holds, which is computed before each round.
    /// </summary>
    /// <param name="condition">Stages the condition; may read variables.</param>
    /// <param name="body">The code of one round.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void While(Func<Pred> condition, Action body,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var loop = emitter.NewLabel("while");
        var done = emitter.NewLabel("endwhile");
        emitter.Place(loop);
        emitter.InsideLoop(() =>
        {
            var holds = condition();
            Emitter.At(line, file).Branch(done, holds.Operand, isNegated: true);
            body();
            Emitter.At(line, file).Branch(loop);
            emitter.Place(done);
        });
    }

    /// <summary>A branch of the device. Both sides are staged; each thread runs one.</summary>
    /// <param name="condition">Which.</param>
    /// <param name="then">Where it holds.</param>
    /// <param name="otherwise">Where it does not.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void If(Pred condition, Action then, Action? otherwise = null,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        var emitter = Emitter.At(line, file);
        var end = emitter.NewLabel("endif");
        var target = otherwise is null ? end : emitter.NewLabel("else");
        emitter.Branch(target, condition.Operand, isNegated: true);
        emitter.Inside(then);
        emitter = Emitter.At(line, file);
        if (otherwise is not null)
        {
            emitter.Branch(end);
            emitter.Place(target);
            emitter.Inside(otherwise);
            emitter = Emitter.At(line, file);
        }

        emitter.Place(end);
    }

    /// <summary>
    /// Guards each instruction of <paramref name="body"/> with <c>@p</c> instead of branching around it: for short code
    /// without loops, branches and warp-wide instructions.
    /// </summary>
    /// <param name="condition">The guard.</param>
    /// <param name="body">The guarded code.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void When(Pred condition, Action body,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Guarded(condition.Operand, isNegated: false, body);

    /// <summary>Guards each instruction with <c>@!p</c>.</summary>
    /// <inheritdoc cref="When"/>
    public static void Unless(Pred condition, Action body,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Guarded(condition.Operand, isNegated: true, body);

    /// <summary>
    /// Ends the threads where the condition holds. They are missing from every later barrier and warp exchange.
    /// </summary>
    /// <param name="condition">Which threads end.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void ReturnIf(Pred condition, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Emitter.At(line, file).Exit(condition.Operand);

    /// <summary>
    /// All threads of the block meet here and see each other's shared and global memory (<c>bar.sync 0</c>).
    /// </summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static void Barrier([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        Isa.BarSync(0, null, line, file);
}
