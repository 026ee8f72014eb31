// The order of a matrix whose rows are multiplied with a vector at memory speed.
//
// Groups of 16 rows, [rows / 16][row bytes / 64][16][64]: 64 bytes of the first row, the same 64 bytes of the second,
// and so on, then the next 64 bytes of each. A product then reads one sequential stream whatever the rows' length, and
// loads a part of the vector once for 16 rows; a block of 16 rows by 64 bytes, which matrix products transpose in
// registers, is one run of memory. Every group keeps the place its rows had; rows behind the last whole group stay as
// they were.

namespace FlamingoGpu.Runtime.Cpu;

/// <summary>Sizes of the interleaved order of matrix rows, and how a matrix is brought into it.</summary>
public static unsafe class RowGroups
{
    /// <summary>Rows of a group.</summary>
    public const int Rows = 16;

    /// <summary>Neighbouring bytes of a row that stay together: a cache line.</summary>
    public const int PieceBytes = 64;

    /// <summary>True when a matrix has whole groups, and rows of whole pieces.</summary>
    public static bool Fit(long rows, long rowBytes) => rows >= Rows && rowBytes > 0 && rowBytes % PieceBytes == 0;

    /// <summary>Interleaves the rows of every whole group in place, on all workers of the device.</summary>
    /// <param name="device">Whose pool and scratch memory are used.</param>
    /// <param name="matrix">First byte of the row-major matrix.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="rowBytes">Bytes of a row, a multiple of <see cref="PieceBytes"/>.</param>
    internal static void Interleave(CpuDevice device, nint matrix, long rows, long rowBytes)
    {
        device.Scratch.ReservePerWorker(Rows * rowBytes);
        var body = new InterleaveGroup(device.Scratch, matrix, checked((int)(rowBytes / PieceBytes)));
        device.Pool.Run(body, checked((int)(rows / Rows)));
    }

    private sealed class InterleaveGroup(CpuScratch scratch, nint matrix, int pieces) : IParallelBody
    {
        public void Execute(int item, int worker)
        {
            var groupBytes = (long)Rows * pieces * PieceBytes;
            var group = (byte*)matrix + item * groupBytes;
            var rows = (byte*)scratch.OfWorker(worker);
            Buffer.MemoryCopy(group, rows, groupBytes, groupBytes);
            for (var piece = 0; piece < pieces; piece++)
            {
                for (var row = 0; row < Rows; row++, group += PieceBytes)
                {
                    var source = rows + ((long)row * pieces + piece) * PieceBytes;
                    new ReadOnlySpan<byte>(source, PieceBytes).CopyTo(new Span<byte>(group, PieceBytes));
                }
            }
        }
    }
}
