using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>An attention op tied to memory, in the terms that all attention kernels share.</summary>
internal sealed record AttentionCall
{
    /// <summary>q [B, Sq, H·D].</summary>
    public required BoundTensor Queries { get; init; }

    /// <summary>y [B, Sq, H·D], dense.</summary>
    public required BoundTensor Output { get; init; }

    /// <summary>All keys and values [.., KeyHeads·D].</summary>
    public required BoundTensor[] KeysAndValues { get; init; }

    /// <summary>H.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; a divisor of H.</summary>
    public required int KeyHeads { get; init; }

    /// <summary>D.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Rotated part of each query head, 0 for none.</summary>
    public int RotaryDims { get; init; }

    /// <summary>Score factor.</summary>
    public required float Scale { get; init; }

    /// <summary>Which keys a query sees.</summary>
    public required KeyStrategy Keys { get; init; }

    /// <summary>The strategy's arguments.</summary>
    public required KernelArgument[] KeyArguments { get; init; }

    /// <summary>Keys of a query, for the cost: all there is room for where it is data.</summary>
    public required long KeyCount { get; init; }

    /// <summary>Query heads that share a key head.</summary>
    public int Group => Heads / KeyHeads;

    /// <summary>What dot products are multiplied by to become base-2 scores.</summary>
    public float Factor => (float)(Scale * 1.4426950408889634);

    /// <summary>Whether the kernel for single queries takes it; keys must be one run.</summary>
    public bool IsDecode => CanDecode(Queries.Shape[1], Group, HeadDim) && Keys is not LatentKeys;

    /// <summary>Sizes the facts of attention kernels ask for.</summary>
    public LaunchSizes Sizes(int splits) => LaunchSizes.Of(
        ("batch", Queries.Shape[0]), ("heads", Heads), ("queries", Queries.Shape[1]), ("keys", KeyCount),
        ("splits", splits), ("kv", KeysAndValues.Sum(tensor => tensor.Shape.ElementCount)));

    /// <summary>Whether the kernel for single queries takes so many of them, with so many heads of this size to a key
    /// head.</summary>
    public static bool CanDecode(long queries, int group, int headDim) =>
        queries == 1 && group <= AttentionDecode.MaxGroup && group * headDim <= AttentionDecode.MaxWidth;

    /// <summary>Whether the tensor cores can do it.</summary>
    public bool FitsTensorCores => Queries.DType is DType.F16 or DType.BF16 && HeadDim % 16 == 0 && HeadDim <= 128
        && Scale > 0 && RotaryDims % 16 == 0
        && IsAligned(8) && Array.TrueForAll([Queries, .. KeysAndValues], tensor => tensor.RowPitch <= int.MaxValue);

    /// <summary>Whether every head of every row of all operands lies on a multiple of so many elements, or of 16
    /// bytes.</summary>
    public bool IsAligned(int elements) => HeadDim % elements == 0 && Array.TrueForAll(
        [Queries, Output, .. KeysAndValues],
        tensor => FloatVectors.WidthFor(tensor.Columns, tensor)
            >= Math.Min(elements, tensor.DType == DType.F32 ? 4 : 8));
}
