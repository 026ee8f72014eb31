using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>The bytes that one or several tensors of a torch file look at.</summary>
/// <param name="DType">Element type; <see cref="Core.DType.U8"/> for an untyped one.</param>
/// <param name="ByteLength">Bytes the elements take.</param>
/// <param name="Member">The archive's member that holds at least those bytes.</param>
internal sealed record TorchStorage(DType DType, long ByteLength, ZipEntry Member);
