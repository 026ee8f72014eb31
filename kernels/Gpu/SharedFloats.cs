using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// A pointer to shared memory of a float type chosen when the kernel is built: elements are read as f32 and rounded to
/// nearest when stored.
/// </summary>
internal readonly struct SharedFloats
{
    private readonly DType _type;
    private readonly Shared<B32> _at;

    private SharedFloats(DType type, Shared<B32> at) => (_type, _at) = (type, at);

    /// <summary>A pointer some elements further on; constant steps are free.</summary>
    public static SharedFloats operator +(SharedFloats pointer, S32 count) => new(
        pointer._type, pointer._type == DType.F32 ? pointer._at + count : (pointer._at.As<BF16>() + count).As<B32>());

    /// <summary>An array of so many elements.</summary>
    public static SharedFloats Array(DType type, int count) =>
        new(type, SharedArray<B32>((int)(type.ByteSize(count) + 3) / 4));

    /// <summary>Reads 1, 4 or (of 16 bits) 8 neighbouring elements; several start on multiples of their size.</summary>
    public F32[] Load(int count)
    {
        if (count == 1)
        {
            return _type switch
            {
                DType.F32 => [Isa.LdShared(_at.As<F32>())],
                DType.F16 => [Isa.LdShared(_at.As<F16>()).ToF32()],
                _ => [Isa.LdShared(_at.As<BF16>()).ToF32()],
            };
        }

        var values = new List<F32>();
        foreach (var word in LoadWords((int)_type.ByteSize(count) / 4))
        {
            if (_type == DType.F32) values.Add(word.AsF32());
            else if (_type == DType.F16) values.AddRange([word.AsF16x2().LowToF32(), word.AsF16x2().HighToF32()]);
            else values.AddRange([word.AsBF16x2().LowToF32(), word.AsBF16x2().HighToF32()]);
        }

        return [.. values];
    }

    /// <summary>Stores 1 or 4 neighbouring elements; four start on a multiple of their bytes.</summary>
    public void Store(F32[] values)
    {
        switch (_type, values.Length)
        {
            case (DType.F32, 1):
                Isa.StShared(_at.As<F32>(), values[0]);
                break;
            case (DType.F16, 1):
                Isa.StShared(_at.As<F16>(), values[0].To<F16>());
                break;
            case (_, 1):
                Isa.StShared(_at.As<BF16>(), values[0].To<BF16>());
                break;
            case (DType.F32, _):
                Isa.StSharedV4(_at.As<F32>(), new Vec4<F32>(values[0], values[1], values[2], values[3]));
                break;
            case (DType.F16, _):
                Isa.StSharedV2(_at, new Vec2<B32>(
                    F16x2.Round(values[0], values[1]).AsB32(), F16x2.Round(values[2], values[3]).AsB32()));
                break;
            default:
                Isa.StSharedV2(_at, new Vec2<B32>(
                    BF16x2.Round(values[0], values[1]).AsB32(), BF16x2.Round(values[2], values[3]).AsB32()));
                break;
        }
    }

    private B32[] LoadWords(int count)
    {
        if (count == 2)
        {
            var pair = Isa.LdSharedV2(_at);
            return [pair.X, pair.Y];
        }

        var four = Isa.LdSharedV4(_at);
        return [four.X, four.Y, four.Z, four.W];
    }
}
