using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>What a file's header says of one tensor.</summary>
/// <param name="Name">The full name, such as <c>perceiver.latents</c>.</param>
/// <param name="DType">Element type as stored.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="File">The file that holds the bytes.</param>
/// <param name="Offset">
/// Byte offset of the first element in that file; of the compressed member where a torch archive is compressed.
/// </param>
/// <param name="ByteLength">Bytes the elements take.</param>
public sealed record TensorEntry(string Name, DType DType, Shape Shape, string File, long Offset, long ByteLength);
