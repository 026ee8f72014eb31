using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The weights or the biases of a normalisation while its kernel is staged, one vector a group.</summary>
internal sealed class NormParameters
{
    private readonly FloatPtr[] _groups;

    /// <summary>Declares the parameters: <c>weight</c>, or of several groups <c>weight0</c>, <c>weight1</c> …</summary>
    public NormParameters(KernelBuilder k, string name, int groups, int vector)
    {
        _groups = new FloatPtr[groups];
        for (var i = 0; i < groups; i++)
            _groups[i] = k.InputFloats(groups == 1 ? name : $"{name}{i}", DType.F32, 4 * vector);
    }

    /// <summary>Neighbouring elements of a group's vector.</summary>
    public F32[] Load(S32 group, S32 column, int count)
    {
        if (_groups.Length == 1) return _groups[0].Load(column, count);
        var values = new Var<F32>[count];
        for (var i = 0; i < count; i++) values[i] = Var(0f);
        for (var g = 0; g < _groups.Length; g++)
        {
            var from = _groups[g];
            When(group == g, () =>
            {
                var loaded = from.Load(column, count);
                for (var i = 0; i < count; i++) values[i].Set(loaded[i]);
            });
        }

        return Array.ConvertAll(values, value => value.Value);
    }
}
