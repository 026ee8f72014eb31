namespace FlamingoGpu.Kernels;

/// <summary>Keys and values of one head, row by row, in the type they are stored in.</summary>
internal readonly unsafe struct KeySource(byte* keys, nint keyPitch, byte* values, nint valuePitch, int count)
{
    /// <summary>A head's columns of <paramref name="count"/> neighbouring rows.</summary>
    public KeySource(StoredRows keys, StoredRows values, long row, int column, int count)
        : this(keys.At(row, column), keys.PitchBytes, values.At(row, column), values.PitchBytes, count)
    {
    }

    /// <summary>How many.</summary>
    public int Count => count;

    /// <summary>Bytes between keys.</summary>
    public nint KeyPitch => keyPitch;

    /// <summary>Key [D] number <paramref name="index"/>.</summary>
    public byte* Key(int index) => keys + index * keyPitch;

    /// <summary>Value [D] number <paramref name="index"/>.</summary>
    public byte* Value(int index) => values + index * valuePitch;

    /// <summary>The first <paramref name="limit"/> keys at most.</summary>
    public KeySource Limit(int limit) => new(keys, keyPitch, values, valuePitch, Math.Clamp(limit, 0, count));
}
