namespace FlamingoGpu.Kernels;

/// <summary>
/// What a matrix product does to its result before it stores it:
/// <c>y = residual + tanh(gate) · activation(x·wᵀ + bias) · factor</c>, each part optional.
/// </summary>
/// <param name="Bias">Adds a bias [N].</param>
/// <param name="Activation">Applied after the bias.</param>
/// <param name="Gate">Multiplies by tanh of a learned scalar [1] (Flamingo 2022, §3.1.2).</param>
/// <param name="Residual">Adds a tensor of the output's shape, last.</param>
/// <param name="Multiply">
/// Multiplies the activation by a tensor of the output's shape: the other half of a gated feed-forward (SwiGLU).
/// </param>
public readonly record struct Epilogue(
    bool Bias = false,
    Activation Activation = Activation.None,
    bool Gate = false,
    bool Residual = false,
    bool Multiply = false);
