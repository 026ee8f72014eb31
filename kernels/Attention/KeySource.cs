namespace FlamingoGpu.Kernels;

/// <summary>Keys and values of one head, row by row.</summary>
internal readonly unsafe struct KeySource(float* keys, nint keyPitch, float* values, nint valuePitch, int count)
{
    /// <summary>First key [count, D].</summary>
    public float* Keys => keys;

    /// <summary>Floats between keys.</summary>
    public nint KeyPitch => keyPitch;

    /// <summary>First value [count, D].</summary>
    public float* Values => values;

    /// <summary>Floats between values.</summary>
    public nint ValuePitch => valuePitch;

    /// <summary>How many.</summary>
    public int Count => count;

    /// <summary>The first <paramref name="limit"/> keys at most.</summary>
    public KeySource Limit(int limit) => new(keys, keyPitch, values, valuePitch, Math.Clamp(limit, 0, count));
}
