using FlamingoGpu.Core;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Checks;

/// <summary>
/// Error of an online-softmax attention. A score is off by δ = roundings(D)·u·scale·Σ|q·k| + 4u·(|score| + |bias|)
/// (product, factor, logarithm base, bias) + 30u (subtracting the largest rounds relative to the difference; weights
/// below e^-30 do not matter); a weight by the factor e^2δ; the sum over n keys by roundings(n)·u and the division:
/// |Δo| ≤ Σ p·|v| · (2·max δ + (roundings(n) + 8)·u). With 16-bit operands the probabilities are rounded to their type
/// before they multiply v, which adds Σ p·|v| · ε(type); ε is halved because the caller doubles.
/// </summary>
internal static class AttentionBounds
{
    private const double U = ErrorBound.U;

    /// <summary>The bound of each element.</summary>
    public static double[] Of(OpCase @case, IReadOnlyList<double[]> values)
    {
        var q = @case.Inputs[0].Type;
        var (batch, tokens) = (q.Shape.Int(0), q.Shape.Int(1));
        var bounds = new double[q.Shape.ElementCount];
        for (var entry = 0; entry < batch; entry++)
        {
            for (var token = 0; token < tokens; token++)
                Rows(@case, values, entry, token, bounds);
        }

        return bounds;
    }

    private static void Rows(OpCase @case, IReadOnlyList<double[]> values, int entry, int token, double[] bounds)
    {
        var shape = @case.Inputs[0].Type.Shape;
        switch (@case.Op)
        {
            case Attention op:
                var keys = @case.Inputs[1].Type.Shape.Int(1);
                Query(op.Heads, op.Scale, [(values[1], values[2], entry * keys, keys)], null);
                break;
            case LatentAttention op:
                var (features, latents) = (@case.Inputs[1].Type.Shape.Int(1), @case.Inputs[3].Type.Shape.Int(1));
                Query(
                    op.Heads, op.Scale,
                    [(values[1], values[2], entry * features, features),
                        (values[3], values[4], entry * latents, latents)], null);
                break;
            case MediaCrossAttention op:
                var at = 2 * (entry * shape.Int(1) + token);
                var (first, count, perMedium) =
                    ((int)values[3][at], (int)values[3][at + 1], @case.Inputs[1].Type.Shape.Int(1));
                var scale = count < 0 ? 0 : op.Scale;
                Query(op.Heads, scale, [(values[1], values[2], first * perMedium, Math.Abs(count) * perMedium)], null);
                break;
            case CausalAttention op:
                var past = (int)values[5][entry];
                Query(
                    op.Heads, op.Scale,
                    [
                        (values[3], values[4], entry * @case.Inputs[3].Type.Shape.Int(1), past),
                        (values[1], values[2], entry * shape.Int(1), token + 1),
                    ],
                    op.Alibi ? (head, key) => values[6][head] * (key - past - token) : null);
                break;
        }

        void Query(
            int heads, double scale, (double[] K, double[] V, int FirstRow, int Count)[] sources, Func<int, int,
                double>? bias)
        {
            var start = (entry * shape.Int(1) + token) * shape.Int(2);
            for (var head = 0; head < heads; head++)
            {
                var added = bias is null ? (Func<int, double>)(_ => 0) : key => bias(head, key);
                Head(@case.Inputs[0].Type.DType, values[0], start, shape.Int(2), head * (shape.Int(2) / heads),
                    shape.Int(2) / heads, scale, sources, added, bounds);
            }
        }
    }

    private static void Head(
        DType type, double[] q, int start, int width, int column, int dim, double scale,
        (double[] K, double[] V, int FirstRow, int Count)[] sources, Func<int, double> bias, double[] bounds)
    {
        var rows = sources.SelectMany(
            source => Enumerable.Range(source.FirstRow, source.Count)
            .Select(row => (source.K, source.V, At: row * width + column))).ToArray();
        if (rows.Length == 0) return; // exactly zero
        var scores = new double[rows.Length];
        double delta = 0;
        for (var key = 0; key < rows.Length; key++)
        {
            double dot = 0, magnitude = 0;
            for (var d = 0; d < dim; d++)
            {
                var product = q[start + column + d] * rows[key].K[rows[key].At + d];
                dot += product;
                magnitude += Math.Abs(product);
            }

            var added = bias(key);
            scores[key] = dot * scale + added;
            delta = Math.Max(
                delta, ErrorBound.Roundings(dim, type) * U * magnitude * Math.Abs(scale)
                    + 4 * U * (Math.Abs(scores[key]) + Math.Abs(added)));
        }

        var largest = scores.Max();
        var weights = Array.ConvertAll(scores, score => Math.Exp(score - largest));
        var total = weights.Sum();
        var relative = 2 * (delta + 30 * U) + (ErrorBound.Roundings(rows.Length, type) + 8) * U
            + (type == DType.F32 ? 0 : ErrorBound.Roundoff(type) / 2);
        for (var d = 0; d < dim; d++)
        {
            double magnitude = 0;
            for (var key = 0; key < rows.Length; key++) magnitude += weights[key] / total * Math.Abs(
                rows[key].V[rows[key].At + d]);
            bounds[start + column + d] = magnitude * relative;
        }
    }
}
