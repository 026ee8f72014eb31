using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// The keys of one row of logits, spread over the threads of its block: kept in registers, so that searches which look
/// at the row dozens of times read memory once, and in shared memory what registers cannot hold; a row too long for
/// both is read again each time, from cache.
/// </summary>
internal sealed class LogitRow
{
    private readonly Action<Action<U32[], S32>> _forEach;

    private LogitRow(Action<Action<U32[], S32>> forEach) => _forEach = forEach;

    /// <summary>Reads a row.</summary>
    /// <param name="row">First element, f32.</param>
    /// <param name="columns">Elements.</param>
    /// <param name="shape">How the row is spread.</param>
    /// <param name="score">What the keys are made of, such as the element over a temperature.</param>
    public static LogitRow Read(FloatPtr row, S32 columns, LogitRowShape shape, Func<F32, F32> score)
    {
        U32[] Keys(S32 column) =>
            Array.ConvertAll(row.Load(column, shape.Vector), value => LogitKey.Of(score(value)));

        var stride = shape.Threads * shape.Vector;
        if (shape.Vectors == 0)
            return new(body => For(ThreadIdx.X * shape.Vector, columns, stride, column => body(Keys(column), column)));

        // What lies beyond the row reads its last vector instead and gets the key of no element: guarded loads would
        // wait for their guards, and their temporaries would count as live from the start.
        S32 Column(int group) => ThreadIdx.X * shape.Vector + group * stride;
        var held = new U32[shape.VectorsInRegisters][];
        var parked = shape.VectorsInShared == 0
            ? default
            : DynamicSharedArray<U32>(shape.VectorsInShared * stride) + ThreadIdx.X * shape.Vector;
        for (var i = 0; i < shape.Vectors; i++)
        {
            var isInside = Column(i) < columns;
            var keys = Array.ConvertAll(
                Keys(Min(Column(i), columns - shape.Vector)), key => Select(isInside, key, 0u));
            if (i < held.Length) held[i] = keys;
            else Park(parked + (i - held.Length) * stride, keys);
        }

        return new(body =>
        {
            for (var i = 0; i < held.Length; i++) body(held[i], Column(i));
            for (var i = held.Length; i < shape.Vectors; i++)
                body(Fetch(parked + (i - held.Length) * stride, shape.Vector), Column(i));
        });
    }

    /// <summary>Leaves keys where only this thread looks.</summary>
    private static void Park(Shared<U32> place, U32[] keys)
    {
        if (keys.Length == 4) Isa.StSharedV4(place, new Vec4<U32>(keys[0], keys[1], keys[2], keys[3]));
        else for (var i = 0; i < keys.Length; i++) Isa.StShared(place + i, keys[i]);
    }

    private static U32[] Fetch(Shared<U32> place, int count)
    {
        if (count != 4) return [.. Enumerable.Range(0, count).Select(i => Isa.LdShared(place + i))];
        var keys = Isa.LdSharedV4(place);
        return [keys.X, keys.Y, keys.Z, keys.W];
    }

    /// <summary>Stages the body for every group of neighbouring elements of this thread: their keys and the first
    /// id.</summary>
    public void ForEachGroup(Action<U32[], S32> body) => _forEach(body);

    /// <summary>Stages the body for every element of this thread: its key (0 where there is none) and its id.</summary>
    public void ForEach(Action<U32, S32> body) => ForEachGroup((keys, first) =>
    {
        for (var i = 0; i < keys.Length; i++) body(keys[i], first + i);
    });
}
