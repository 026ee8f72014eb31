using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// LayerNorm, widening linear, activation, narrowing linear; no biases (open_flamingo helpers.py FeedForward).
/// Tensor names <c>0</c> (norm), <c>1</c>, <c>3</c>: the positions in torch's Sequential, 2 being the activation.
/// </summary>
public sealed class FeedForward
{
    private readonly Norm _norm;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly Activation _activation;

    /// <summary>Takes the tensors from the scope of the Sequential.</summary>
    public FeedForward(WeightScope scope, long width, long innerWidth, Activation activation)
    {
        _norm = new Norm(scope["0"], width);
        _up = new Linear(scope["1"], innerWidth, width);
        _down = new Linear(scope["3"], width, innerWidth);
        _activation = activation;
    }

    /// <summary><c>residual + tanh(gate) · FF(x)</c>; x [.., width].</summary>
    public Value Forward(GraphBuilder g, Value x, Weight? gate = null, Value? residual = null)
    {
        var inner = _up.Forward(g, _norm.Forward(g, x), _activation); // [.., innerWidth]
        return _down.Forward(g, inner, Activation.None, gate, residual); // [.., width]
    }
}
