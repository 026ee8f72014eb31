namespace FlamingoGpu.Kernels;

/// <summary>One pass over the rows; a handful of integers.</summary>
internal sealed unsafe class CpuAdvanceDecode(BoundTensor[] inputs, BoundTensor output) : BoundKernel
{
    private readonly int _rows = checked((int)output.Shape.ElementCount);
    private readonly int _steps = checked((int)inputs[3].Shape[1]);
    private readonly int _words = checked((int)inputs[5].Shape[1]);

    /// <inheritdoc/>
    public override string Variant => "rows";

    /// <inheritdoc/>
    public override void Run()
    {
        int* chosen = At(inputs[0]), ids = At(inputs[1]), past = At(inputs[2]);
        int* history = At(inputs[3]), step = At(inputs[4]), seen = At(inputs[5]), result = At(output);
        for (var row = 0; row < _rows; row++)
        {
            var id = chosen[row];
            result[row] = ids[row] = Math.Max(id, 0);
            past[row]++;
            if ((uint)*step < (uint)_steps) history[(long)row * _steps + *step] = id;
            if (id >= 0 && id / 32 < _words) seen[(long)row * _words + id / 32] |= 1 << (id % 32);
        }

        ++*step;
    }

    private static int* At(BoundTensor tensor) => (int*)tensor.Address;
}
