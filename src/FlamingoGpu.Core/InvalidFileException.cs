namespace FlamingoGpu.Core;

/// <summary>A model or input file is not what its format or its user promises. The executable ends with exit code 3.</summary>
public sealed class InvalidFileException : FlamingoException
{
    /// <summary>Makes the error; the message becomes "file: tensor 'name': at byte N: problem", each part where known.</summary>
    /// <param name="file">Path or name of the offending file or folder.</param>
    /// <param name="problem">What is wrong, what was expected, what to do.</param>
    /// <param name="tensor">The tensor concerned, if one is.</param>
    /// <param name="offset">The byte offset within the file, if known.</param>
    /// <param name="inner">The underlying error, if any.</param>
    public InvalidFileException(
        string file, string problem, string? tensor = null, long? offset = null, Exception? inner = null)
        : base(Describe(file, problem, tensor, offset), inner)
    {
        File = file;
        Tensor = tensor;
        Offset = offset;
    }

    /// <summary>Path or name of the offending file.</summary>
    public string File { get; }

    /// <summary>The tensor concerned, or null.</summary>
    public string? Tensor { get; }

    /// <summary>Byte offset of the problem in the file, or null.</summary>
    public long? Offset { get; }

    private static string Describe(string file, string problem, string? tensor, long? offset)
    {
        var where = tensor is null ? file : $"{file}: tensor '{tensor}'";
        return offset is null ? $"{where}: {problem}" : $"{where}: at byte {offset}: {problem}";
    }
}
