using FlamingoGpu.Core;

namespace FlamingoGpu.Kernels;

/// <summary>
/// Lets rows of a cache continue other rows, all at once and in place: within every <paramref name="Group"/>
/// neighbouring rows, token t of row r becomes that of row parents[r], for from[g] ≤ t &lt; to[g] of the row's group g.
/// Beam search does this with what its beams have generated; the prompt is the same in all of them. Inputs: cache [L,
/// rows, T, E] f32, f16 or bf16 (for example all keys and values of all layers), changed; parents [R] i32, R ≤ rows a
/// multiple of the group, each within its row's group (another one leaves the row as it is); from and to [R / Group]
/// i32. Output: the cache.
/// </summary>
/// <param name="Group">Beams of a prompt, 1 to 64.</param>
/// <param name="MaxTokens">Upper bound of to − from; tokens beyond it are not moved.</param>
public sealed record ReorderRows(int Group, int MaxTokens) : Op
{
    /// <summary>The most rows of a group.</summary>
    public const int MaxGroup = 64;

    /// <inheritdoc/>
    public override string Name => "reorder_rows";

    /// <inheritdoc/>
    public override int InPlaceInput => 0;

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        RequireCount(inputs, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(Group, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Group, MaxGroup);
        RequireActivation(inputs[0], "cache");
        Require(inputs[0].Shape.Rank == 4, "cache", "[layers, rows, tokens, width]", inputs[0]);
        foreach (var integers in inputs[1..]) RequireDType(integers, DType.I32, "parents, from and to");
        var rows = inputs[1].Shape.ElementCount;
        Require(rows % Group == 0 && rows <= inputs[0].Shape[1], "parents",
            $"[a multiple of {Group} <= {inputs[0].Shape[1]}]", inputs[1]);
        Require(inputs[2].Shape.ElementCount == rows / Group, "from", $"[{rows / Group}]", inputs[2]);
        Require(inputs[3].Shape.ElementCount == rows / Group, "to", $"[{rows / Group}]", inputs[3]);
        return inputs[0];
    }

    /// <inheritdoc/>
    public override OpCost Cost(ReadOnlySpan<TensorType> inputs, TensorType output)
    {
        var tokens = Math.Min(MaxTokens, output.Shape[2]);
        var moved = output.Shape[0] * inputs[1].Shape.ElementCount * tokens * output.Shape[3];
        return new(0, 2 * output.DType.ByteSize(moved));
    }

    /// <summary>Throws unless the output is the cache itself.</summary>
    internal static void RequireInPlace(string device, BoundTensor cache, BoundTensor output)
    {
        if (cache.Address != output.Address || !cache.IsContiguous)
            throw new NotSupportedException($"{device}: reorder_rows works in place; its output must be the cache.");
    }
}
