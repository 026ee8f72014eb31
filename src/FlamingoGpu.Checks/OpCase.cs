using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>
/// One op at one set of shapes, types and values: what every device must compute alike. Values follow from the position
/// of the operand, so that a case is the same everywhere.
/// </summary>
/// <param name="Name">Unique, in words of the op: <c>matmul bf16 257x192x64 bias</c>.</param>
/// <param name="Op">The contract, with the output type under test.</param>
/// <param name="Inputs">Operands in the contract's order.</param>
public sealed record OpCase(string Name, Op Op, IReadOnlyList<CaseInput> Inputs)
{
    /// <summary>True when the case has to run through tensor cores: 16-bit operands whose shapes allow it.</summary>
    public bool NeedsTensorCores { get; init; }

    /// <summary>
    /// True to leave out the matrix instructions of warpgroups: what devices of compute capability 8.0 run.
    /// </summary>
    public bool WithoutWarpgroups { get; init; }

    /// <summary>
    /// True when rows start at multiples of 32 bytes: every kernel must use whole sectors, and banks freely.
    /// </summary>
    public bool IsAligned { get; init; }

    /// <summary>True when the case is bound by memory and may move at most 1.1 × its least bytes.</summary>
    public bool IsMemoryBound { get; init; }

    /// <summary>Operands that the op writes besides its output, such as the caches of attention.</summary>
    public IReadOnlyList<int> Written { get; init; } = [];

    /// <summary>
    /// True to put the output over the input that the contract allows (<see cref="Op.InPlaceInput"/>).
    /// </summary>
    public bool IsInPlace { get; init; }

    /// <summary>Type of the output.</summary>
    public TensorType OutputType => Op.Infer([.. Inputs.Select(input => input.Type)]);

    /// <summary>Least work and bytes, from the contract.</summary>
    public OpCost Cost => Op.Cost([.. Inputs.Select(input => input.Type)], OutputType);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
