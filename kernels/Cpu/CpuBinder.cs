using FlamingoGpu.Core;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Kernels;

/// <summary>Chooses and makes kernels for one vector width.</summary>
internal sealed class CpuBinder<TLanes>(CpuDevice device) : IKernelLibrary, IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly Dictionary<(int Dims, float Base), RotaryTable> _rotaryTables = [];

    /// <inheritdoc/>
    public BoundKernel Bind(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        Operands.Check("cpu", op, inputs, output);
        RequireWide(op, inputs, output);
        return op switch
        {
            MatMul matMul => BindMatMul(matMul, inputs, output),
            LayerNorm norm => new CpuLayerNorm<TLanes>(device, norm, inputs, output),
            RmsNorm norm => new CpuRmsNorm<TLanes>(device, norm, inputs[0], inputs[1], output),
            Activate activate => new CpuActivate<TLanes>(device, activate, inputs[0], output),
            Attention attention => new CpuAttention<TLanes>(device, attention, inputs[0], inputs[1], inputs[2], output),
            CausalAttention attention => BindCausalAttention(attention, inputs, output),
            LatentAttention attention => new CpuLatentAttention<TLanes>(device, attention, inputs, output),
            MediaCrossAttention attention => new CpuMediaCrossAttention<TLanes>(device, attention, inputs, output),
            Rotary rotary => new CpuRotary<TLanes>(device, rotary, RotaryTableFor(rotary.RotaryDims, rotary.Base), inputs[0], inputs[1], output),
            Embedding => BindEmbedding(inputs, output),
            AdvanceDecode => new CpuAdvanceDecode(inputs.ToArray(), output),
            ArgMax => new CpuArgMax(device, inputs[0], output),
            BeamScores => new CpuBeamScores(device, inputs[0], inputs[1], inputs[2], output),
            PickElements => new CpuPickElements(device, inputs[0], inputs[1], output),
            ProcessLogits process => new CpuProcessLogits(device, process, inputs[0], inputs[1], inputs[2], output),
            ReorderRows reorder => new CpuReorderRows(device, reorder, inputs, output),
            SampleToken sample => new CpuSampleToken(device, sample, inputs[0], inputs[1], output),
            TopK top => new CpuTopK(device, top, inputs[0], output),
            AddRows add => new CpuAddRows<TLanes>(device, add, inputs[0], inputs[1], output),
            AssembleTokens => new CpuAssembleTokens<TLanes>(device, inputs[0], inputs[1], inputs[2], output),
            ExtractPatches patches => new CpuExtractPatches(device, patches, inputs[0], output),
            LogSoftmax => new CpuLogSoftmax<TLanes>(device, inputs[0], output),
            RepeatRows => new CpuRepeatRows(device, inputs[0], output),
            SelectRows => new CpuSelectRows(device, inputs[0], inputs[1], output),
            SliceTokens slice => new CpuSliceTokens(device, slice, inputs[0], output),
            _ => throw new NotSupportedException($"cpu: there is no kernel for {op.Name}."),
        };
    }

    /// <summary>Frees the rotary tables.</summary>
    public void Dispose()
    {
        foreach (var table in _rotaryTables.Values) table.Dispose();
        _rotaryTables.Clear();
    }

    /// <summary>
    /// Throws unless all activations are f32; weights may be of any type, their rows in any order; key-value caches, too,
    /// may be of any type.
    /// </summary>
    private void RequireWide(Op op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        for (var i = 0; i < inputs.Length; i++)
        {
            var mayBeWeight = op is MatMul or Embedding && i == 1;
            if (!mayBeWeight) RequireRowMajor(op, inputs[i], i);
            var isCache = op is CausalAttention && i is (3 or 4);
            if (inputs[i].DType is not (DType.F32 or DType.I32) && !mayBeWeight && !isCache)
                throw new NotSupportedException($"cpu: {op.Name} takes no {inputs[i].DType.ShortName()} as input {i}.");
        }

        if (output.DType is not (DType.F32 or DType.I32))
            throw new NotSupportedException($"cpu: {op.Name} gives no {output.DType.ShortName()}.");
    }

    /// <summary>Throws when products have interleaved the rows of a matrix that is now read in another way.</summary>
    private void RequireRowMajor(Op op, BoundTensor tensor, int input)
    {
        if (device.IsInterleaved(tensor.Address))
            throw new NotSupportedException(
                $"cpu: {op.Name} cannot read input {input}: its rows are interleaved for products of the whole matrix.");
    }

    /// <summary>
    /// Where interleaved rows are faster: with 512-bit vectors, for weights that widen faster than memory delivers them.
    /// </summary>
    private static bool MayInterleave(BoundTensor w) => TLanes.Count == 16 && w.DType != DType.F16 && w.IsContiguous;

    private CpuKernel BindMatMul(MatMul op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
    {
        var w = inputs[1];
        var interleaved = MayInterleave(w)
            && device.InterleaveRows(w.Address, w.Shape[0], w.DType.ByteSize(w.Shape[1]));
        if (!interleaved) RequireRowMajor(op, w, input: 1);
        var binding = new MatMulBinding<TLanes>(op, inputs, output, interleaved);
        return inputs[1].DType switch
        {
            DType.BF16 => BindMatMul<WeightBF16>(binding),
            DType.F16 => BindMatMul<WeightF16>(binding),
            _ => BindMatMul<WeightF32>(binding),
        };
    }

    private CpuKernel BindMatMul<TWeight>(MatMulBinding<TLanes> binding)
        where TWeight : IWeight =>
        binding.Rows > CpuGemv<TLanes, TWeight>.MaxRows ? new CpuGemm<TLanes, TWeight>(device, binding)
        : binding.Weight.Grouped > 0 ? new CpuGroupGemv<TLanes, TWeight>(device, binding)
        : new CpuGemv<TLanes, TWeight>(device, binding);

    private CpuKernel BindCausalAttention(
        CausalAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output) => inputs[3].DType switch
        {
            DType.BF16 => BindCausalAttention<WeightBF16>(op, inputs, output),
            DType.F16 => BindCausalAttention<WeightF16>(op, inputs, output),
            _ => BindCausalAttention<WeightF32>(op, inputs, output),
        };

    private CpuKernel BindCausalAttention<TCache>(
        CausalAttention op, ReadOnlySpan<BoundTensor> inputs, BoundTensor output)
        where TCache : IWeight =>
        output.Shape[1] == 1
            ? new CpuCausalDecode<TLanes, TCache>(device, op, RotaryTableFor(op), inputs, output)
            : new CpuCausalAttention<TLanes, TCache>(device, op, RotaryTableFor(op), inputs, output);

    private CpuKernel BindEmbedding(ReadOnlySpan<BoundTensor> inputs, BoundTensor output) => inputs[1].DType switch
    {
        DType.BF16 => new CpuEmbedding<TLanes, WeightBF16>(device, inputs[0], inputs[1], output),
        DType.F16 => new CpuEmbedding<TLanes, WeightF16>(device, inputs[0], inputs[1], output),
        _ => new CpuEmbedding<TLanes, WeightF32>(device, inputs[0], inputs[1], output),
    };

    private RotaryTable? RotaryTableFor(CausalAttention op) =>
        op.RotaryDims == 0 ? null : RotaryTableFor(op.RotaryDims, op.RotaryBase);

    private RotaryTable RotaryTableFor(int dims, float frequencyBase)
    {
        var key = (dims, frequencyBase);
        if (!_rotaryTables.TryGetValue(key, out var table))
        {
            table = new RotaryTable(dims, frequencyBase);
            _rotaryTables.Add(key, table);
        }

        return table;
    }
}
