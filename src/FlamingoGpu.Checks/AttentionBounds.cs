using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>
/// Error of an online-softmax attention. A score is off by δ = roundings(D)·u·scale·Σ|q·k| + 4u·(|score| + |bias|)
/// (product, factor, logarithm base, bias) + 30u (subtracting the largest rounds relative to the difference; weights
/// below e^-30 do not matter); where q and new keys are turned first, also by scale·Σ(|Δq|·|k| + |q|·|Δk|) with the
/// errors of <see cref="RowBounds.Turn"/> and, for 16-bit operands, their rounding to that type. A weight is off by the
/// factor e^2δ; the sum over n keys by roundings(n)·u and the division:
/// |Δo| ≤ Σ p·|v| · (2·max δ + (roundings(n) + 8)·u). With 16-bit operands the probabilities are rounded to their type
/// before they multiply v, which adds Σ p·|v| · ε(type). What only the device rounds is halved here, because the caller
/// doubles.
/// </summary>
internal sealed class AttentionBounds
{
    private const double U = ErrorBound.U;

    private readonly OpCase _case;
    private readonly IReadOnlyList<double[]> _values;
    private readonly DType _type;
    private readonly int _tokens;
    private readonly int _width;
    private readonly double[] _bounds;

    private AttentionBounds(OpCase @case, IReadOnlyList<double[]> values)
    {
        var q = @case.Inputs[0].Type;
        (_case, _values, _type) = (@case, values, q.DType);
        (_tokens, _width) = (q.Shape.Int(1), q.Shape.Int(2));
        _bounds = new double[q.Shape.ElementCount];
    }

    /// <summary>The bound of each element.</summary>
    public static double[] Of(OpCase @case, IReadOnlyList<double[]> values)
    {
        var bounds = new AttentionBounds(@case, values);
        for (var row = 0; row < bounds._bounds.Length / bounds._width; row++) bounds.Query(row);
        return bounds._bounds;
    }

    private static Operand Exact(double[] values) => new(values, null);

    private void Query(int row)
    {
        var (entry, token) = (row / _tokens, row % _tokens);
        switch (_case.Op)
        {
            case Attention op:
                var keys = Extent(1);
                Heads(row, op.Heads, op.Heads, op.Scale, Exact(_values[0]),
                    [new(Exact(_values[1]), _values[2], entry * keys, keys)]);
                break;
            case LatentAttention op:
                Heads(
                    row, op.Heads, op.Heads, op.Scale, Exact(_values[0]),
                    [
                        new(Exact(_values[1]), _values[2], entry * Extent(1), Extent(1)),
                        new(Exact(_values[3]), _values[4], entry * Extent(3), Extent(3)),
                    ]);
                break;
            case MediaCrossAttention op:
                var (first, count) = ((int)_values[3][2 * row], (int)_values[3][2 * row + 1]);
                Heads(
                    row, op.Heads, op.Heads, count < 0 ? 0 : op.Scale, Exact(_values[0]),
                    [new(Exact(_values[1]), _values[2], first * Extent(1), Math.Abs(count) * Extent(1))]);
                break;
            case CausalAttention op:
                var past = (int)_values[5][entry];
                Heads(
                    row, op.Heads, op.KeyHeads == 0 ? op.Heads : op.KeyHeads, op.Scale, Turned(op, 0),
                    [
                        new(Exact(_values[3]), _values[4], entry * Extent(3), past),
                        new(Turned(op, 1), _values[2], entry * _tokens, token + 1),
                    ],
                    op.Alibi ? (head, key) => _values[6][head] * (key - past - token) : null);
                break;
        }
    }

    private int Extent(int input) => _case.Inputs[input].Type.Shape.Int(1);

    /// <summary>Queries or new keys of a causal attention as they meet each other.</summary>
    private Operand Turned(CausalAttention op, int input)
    {
        if (op.RotaryDims == 0) return Exact(_values[input]);
        var values = (double[])_values[input].Clone();
        var errors = RowBounds.Turn(values, Positions(_case, _values), op.HeadDim, op.RotaryDims, op.RotaryBase);
        if (_type == DType.F32) return new Operand(values, errors);
        for (var i = 0; i < values.Length; i++) errors[i] += ErrorBound.Roundoff(_type) / 2 * Math.Abs(values[i]);
        return new Operand(values, errors);
    }

    /// <summary>Position of each new token of a causal attention.</summary>
    public static double[] Positions(OpCase @case, IReadOnlyList<double[]> values)
    {
        var tokens = @case.Inputs[0].Type.Shape.Int(1);
        return [.. values[5].SelectMany(past => Enumerable.Range((int)past, tokens))
            .Select(position => (double)position)];
    }

    private void Heads(
        int row, int heads, int keyHeads, double scale, Operand q, Source[] sources, Func<int, int,
            double>? bias = null)
    {
        var dim = _width / heads;
        for (var head = 0; head < heads; head++)
        {
            var keyColumn = head / (heads / keyHeads) * dim;
            var keys = sources
                .SelectMany(source => Enumerable.Range(source.FirstRow, source.Count)
                    .Select(key => new Key(source, key * keyHeads * dim + keyColumn)))
                .ToArray();
            if (keys.Length > 0) Head(
                row * _width + head * dim, dim, scale, q, keys, key => bias?.Invoke(head, key) ?? 0);
        }
    }

    private void Head(int start, int dim, double scale, Operand q, Key[] keys, Func<int, double> bias)
    {
        var scores = new double[keys.Length];
        double delta = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            var (k, at) = (keys[i].Source.K, keys[i].At);
            double dot = 0, magnitude = 0, inherited = 0;
            for (var d = 0; d < dim; d++)
            {
                var product = q.Values[start + d] * k.Values[at + d];
                dot += product;
                magnitude += Math.Abs(product);
                inherited += q.Error(start + d) * Math.Abs(k.Values[at + d])
                    + Math.Abs(q.Values[start + d]) * k.Error(at + d);
            }

            var added = bias(i);
            scores[i] = dot * scale + added;
            var error = (ErrorBound.Roundings(dim, _type) * U * magnitude + inherited) * Math.Abs(scale);
            delta = Math.Max(delta, error + 4 * U * (Math.Abs(scores[i]) + Math.Abs(added)));
        }

        var largest = scores.Max();
        var weights = Array.ConvertAll(scores, score => Math.Exp(score - largest));
        var total = weights.Sum();
        var relative = 2 * (delta + 30 * U) + (ErrorBound.Roundings(keys.Length, _type) + 8) * U
            + (_type == DType.F32 ? 0 : ErrorBound.Roundoff(_type) / 2);
        for (var d = 0; d < dim; d++)
        {
            double magnitude = 0;
            for (var i = 0; i < keys.Length; i++)
                magnitude += weights[i] / total * Math.Abs(keys[i].Source.V[keys[i].At + d]);
            _bounds[start + d] = magnitude * relative;
        }
    }

    private sealed record Operand(double[] Values, double[]? Errors)
    {
        public double Error(int element) => Errors?[element] ?? 0;
    }

    private sealed record Source(Operand K, double[] V, int FirstRow, int Count);

    private readonly record struct Key(Source Source, int At);
}
