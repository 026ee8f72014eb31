using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

public static partial class DeviceCode
{
    /// <summary>The thread's place in its warp, 0 to 31.</summary>
    public static S32 LaneId => new(Emitter.Current.Once("%laneid", "mov.u32"));

    /// <summary>The warp's number in a block of one dimension; the same in all its lanes.</summary>
    public static S32 WarpId => ThreadIdx.X >> 5;

    /// <summary>Which group of four warps; known to be the same for all threads of a warp.</summary>
    public static S32 WarpgroupId => Isa.ShflSync(Shuffle.Index, ThreadIdx.X >> 7, 0);

    /// <summary>An array in shared memory, declared in the text; what it holds at first is undefined.</summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="count">Elements; all arrays declared this way have at most 48 KiB.</param>
    /// <param name="alignment">Bytes, a power of two; at least that of the element.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static Shared<T> SharedArray<T>(int count, int alignment = 16,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var bytes = BytesOf<T>(emitter, count, alignment);
        return new Shared<T>(Operand.Named(emitter.Shared.Declare(bytes, alignment)), 0);
    }

    /// <summary>
    /// An array in the shared memory that is sized at launch (<see cref="PtxKernel.DynamicSharedBytes"/>).
    /// </summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="count">Elements.</param>
    /// <param name="alignment">Bytes, a power of two; at least that of the element.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static Shared<T> DynamicSharedArray<T>(int count, int alignment = 16,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var emitter = Emitter.At(line, file);
        var offset = emitter.Shared.Carve(BytesOf<T>(emitter, count, alignment), alignment);
        return new Shared<T>(Operand.Named(SharedLayout.DynamicName), offset);
    }

    /// <summary>
    /// A swizzled tile in the shared memory that is sized at launch; of a pipeline, see <see cref="Ring.Tile{T}"/>.
    /// </summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="rows">Rows, a multiple of 8.</param>
    /// <param name="columns">Columns, a multiple of 16 bytes.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static SharedTile<T> SharedTile<T>(int rows, int columns,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T> => new(Emitter.At(line, file), rows, columns);

    /// <summary>
    /// The element at <paramref name="index"/> where the condition holds, elsewhere <paramref name="otherwise"/>.
    /// </summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="condition">Where memory may be read.</param>
    /// <param name="pointer">Start of the array.</param>
    /// <param name="index">In elements.</param>
    /// <param name="otherwise">What threads get that must not read.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public static T LoadIf<T>(Pred condition, Ptr<T> pointer, S32 index, T otherwise,
        [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
        where T : struct, IDeviceValue<T>
    {
        var result = new Var<T>(otherwise, line, file);
        When(condition, () => result.Set(pointer[index, line, file], line, file), line, file);
        return T.From(result.Register);
    }

    private static int BytesOf<T>(Emitter emitter, int count, int alignment)
        where T : struct, IDeviceValue<T>
    {
        if (alignment < T.Type.Size || alignment > 1024 || (alignment & (alignment - 1)) != 0)
            emitter.Fail($"an array of {T.Type.Name} cannot be aligned to {alignment} bytes.");
        var bytes = (long)count * T.Type.Size;
        if (count < 1 || bytes > 232448) emitter.Fail($"{count} elements do not fit shared memory (at most 227 KiB).");
        return (int)bytes;
    }
}
