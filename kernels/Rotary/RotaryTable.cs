using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Cosines and sines of positions, filled block by block as positions appear. Angles are f32 products of an f32
/// position and an f32 inverse frequency, as the reference implementations build theirs. Never freed before its
/// library: kernels keep the blocks' addresses only while they run.
/// </summary>
internal sealed unsafe class RotaryTable(int rotaryDims, float frequencyBase) : IDisposable
{
    private const int PositionsPerBlock = 256;
    private const int MaxBlocks = 1 << 14;

    private readonly int _half = rotaryDims / 2;
    private readonly float[] _inverseFrequencies = InverseFrequencies(rotaryDims, frequencyBase);
    private readonly nint[] _blocks = new nint[MaxBlocks];

    /// <summary>Makes sure a position's row exists; allocates native memory the first time a block of 256 is
    /// touched.</summary>
    public void Require(int position)
    {
        ref var block = ref _blocks[Math.Min(position / PositionsPerBlock, MaxBlocks - 1)];
        if (position / PositionsPerBlock >= MaxBlocks)
            throw new Core.InvalidRequestException($"rotary: position {position} is beyond {MaxBlocks * PositionsPerBlock}.");
        if (block == 0) block = MakeBlock(position / PositionsPerBlock * PositionsPerBlock);
    }

    /// <summary>The cosines of a required position; its sines follow.</summary>
    public float* Cosines(int position) =>
        (float*)_blocks[position / PositionsPerBlock] + (long)(position % PositionsPerBlock) * 2 * _half;

    /// <summary>
    /// Turns the heads [heads, D] of one token by a required position; what lies behind a head's rotary dims is copied.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn<TLanes>(float* source, float* destination, int position, int heads, int headDim)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var cosines = Cosines(position);
        for (var head = 0; head < heads; head++, source += headDim, destination += headDim)
        {
            Turn<TLanes>(source, destination, cosines, cosines + _half, _half);
            Rows.Copy(source + 2 * _half, destination + 2 * _half, headDim - 2 * _half);
        }
    }

    /// <summary>Frees the blocks.</summary>
    public void Dispose()
    {
        for (var i = 0; i < _blocks.Length; i++)
        {
            NativeMemory.Free((void*)_blocks[i]);
            _blocks[i] = 0;
        }
    }

    /// <summary>base^(−2i/R) for i = 0 … R/2−1, rounded to f32 as the reference implementations do.</summary>
    public static float[] InverseFrequencies(int rotaryDims, float frequencyBase)
    {
        var result = new float[rotaryDims / 2];
        for (var i = 0; i < result.Length; i++)
            result[i] = 1f / (float)Math.Pow(frequencyBase, 2f * i / rotaryDims);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn<TLanes>(float* source, float* destination, float* cosines, float* sines, int half)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        var i = 0;
        for (; i <= half - TLanes.Count; i += TLanes.Count)
        {
            var (a, b) = (TLanes.Load(source + i), TLanes.Load(source + half + i));
            var (cosine, sine) = (TLanes.Load(cosines + i), TLanes.Load(sines + i));
            (a * cosine - b * sine).Store(destination + i);
            (b * cosine + a * sine).Store(destination + half + i);
        }

        for (; i < half; i++)
        {
            var (a, b) = (source[i], source[half + i]);
            destination[i] = a * cosines[i] - b * sines[i];
            destination[half + i] = b * cosines[i] + a * sines[i];
        }
    }

    private nint MakeBlock(int firstPosition)
    {
        var block = (float*)NativeMemory.Alloc((nuint)(PositionsPerBlock * 2L * Math.Max(1, _half)), sizeof(float));
        for (var row = 0; row < PositionsPerBlock; row++)
        {
            var cosines = block + (long)row * 2 * _half;
            for (var i = 0; i < _half; i++)
            {
                var angle = (firstPosition + row) * _inverseFrequencies[i];
                cosines[i] = (float)Math.Cos(angle);
                cosines[_half + i] = (float)Math.Sin(angle);
            }
        }

        return (nint)block;
    }
}
