namespace FlamingoGpu.Ptx;

/// <summary>One stage of a <see cref="Ring"/>: where its tiles stand, relative to the first stage.</summary>
public readonly struct Stage
{
    internal Stage(U32 offset) => Offset = offset;

    /// <summary>The only stage of a tile outside a ring.</summary>
    public static Stage Only => new(0u);

    internal U32 Offset { get; }
}
