using FlamingoGpu.Core;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>A text is not legal PTX, or uses a part of PTX this reader refuses.</summary>
public sealed class PtxException : FlamingoException
{
    /// <summary>Makes the error out of everything that was found.</summary>
    public PtxException(IReadOnlyList<PtxError> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>What is wrong, in order of appearance; at least one, at most a few dozen.</summary>
    public IReadOnlyList<PtxError> Errors { get; }
}
