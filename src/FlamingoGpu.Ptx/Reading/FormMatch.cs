namespace FlamingoGpu.Ptx.Reading;

/// <summary>What the variable parts of a form stood for in one instruction.</summary>
internal sealed class FormMatch
{
    public PtxType Type { get; set; }

    public PtxType SourceType { get; set; }

    public PtxSpace Space { get; set; }

    /// <summary>Elements of a vector access, 1 without <c>.v2</c> or <c>.v4</c>.</summary>
    public int Vector { get; set; } = 1;

    /// <summary>Matrices of an <c>ldmatrix</c>.</summary>
    public int Matrices { get; set; } = 1;

    /// <summary>N of a warpgroup's <c>m64nNk16</c>.</summary>
    public int Columns { get; set; }

    public PtxType TypeNamed(string name) => name switch
    {
        "T" => Type,
        "U" => SourceType,
        "2T" => Type switch
        {
            PtxType.U16 => PtxType.U32,
            PtxType.S16 => PtxType.S32,
            PtxType.U32 => PtxType.U64,
            _ => PtxType.S64,
        },
        _ => PtxTypes.Parse(name),
    };

    public int CountNamed(string name) => name switch
    {
        "" => 1,
        "V" => Vector,
        "X" => Matrices,
        "N" => Columns / 2,
        _ => name[0] - '0',
    };
}
