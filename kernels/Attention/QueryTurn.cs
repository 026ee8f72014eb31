using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>Queries that turn by their positions before they meet keys, rounded to 16 bits once more.</summary>
internal static class QueryTurn
{
    /// <summary>
    /// Loads the queries and turns them where they are, each row by one lane of the warp it belongs to, eight pairs at
    /// a time. The ring's first barrier shows them to other warps.
    /// </summary>
    /// <param name="load">Starts the copies of the tile.</param>
    /// <param name="tile">The queries.</param>
    /// <param name="rowsPerWarp">Rows of a warp, at most 32.</param>
    /// <param name="type">f16 or bf16.</param>
    /// <param name="rotation">How they turn.</param>
    /// <param name="firstQuery">Query of the tile's first row.</param>
    public static void Load<T>(
        Action load, SharedTile<T> tile, int rowsPerWarp, DType type, HeadRotation rotation, S32 firstQuery)
        where T : struct, IMatrixElement<T>
    {
        load();
        Isa.CpAsyncCommitGroup();
        Isa.CpAsyncWaitGroup(0);
        Barrier();
        var row = WarpId * rowsPerWarp + LaneId;
        var turn = () =>
        {
            for (var pair = 0; pair < rotation.Half; pair += 8)
            {
                var (near, far) = (tile.Chunk(row, pair), tile.Chunk(row, pair + rotation.Half));
                var (a, b) = (Isa.LdSharedV4(near.As<B32>()), Isa.LdSharedV4(far.As<B32>()));
                var (first, second) = (new B32[4], new B32[4]);
                for (var word = 0; word < 4; word++)
                {
                    var ((aLow, aHigh), (bLow, bHigh)) = (Unpack(type, a[word]), Unpack(type, b[word]));
                    var (firstLow, secondLow) = rotation.Turn(aLow, bLow, pair + 2 * word, firstQuery + row);
                    var (firstHigh, secondHigh) = rotation.Turn(aHigh, bHigh, pair + 2 * word + 1, firstQuery + row);
                    first[word] = SixteenBits.Pack(type, firstLow, firstHigh);
                    second[word] = SixteenBits.Pack(type, secondLow, secondHigh);
                }

                Isa.StSharedV4(near.As<B32>(), new Vec4<B32>(first[0], first[1], first[2], first[3]));
                Isa.StSharedV4(far.As<B32>(), new Vec4<B32>(second[0], second[1], second[2], second[3]));
            }
        };
        if (rowsPerWarp == 32) turn();
        else If(LaneId < rowsPerWarp, turn);
    }

    private static (F32 Low, F32 High) Unpack(DType type, B32 pair) => type == DType.F16
        ? (pair.AsF16x2().LowToF32(), pair.AsF16x2().HighToF32())
        : (pair.AsBF16x2().LowToF32(), pair.AsBF16x2().HighToF32());
}
