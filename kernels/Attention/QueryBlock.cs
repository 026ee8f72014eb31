using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Kernels;

/// <summary>The queries of one thread block: <see cref="Rows"/> neighbours of one head of one batch entry.</summary>
/// <param name="Type">Type of queries, keys and values.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Alignment">Bytes that keys and values are aligned to, row by row.</param>
/// <param name="Rows">Queries of a block; 1 or a multiple of 32.</param>
/// <param name="Batch">Batch entry.</param>
/// <param name="KeyHead">Head of the keys; several query heads may share one.</param>
/// <param name="First">First query of the block.</param>
/// <param name="Count">Queries of the batch entry; the last block may reach beyond.</param>
internal sealed record QueryBlock(
    DType Type, int HeadDim, int Alignment, int Rows, S32 Batch, S32 KeyHead, S32 First, S32 Count);
