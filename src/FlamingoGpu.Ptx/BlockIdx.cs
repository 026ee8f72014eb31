namespace FlamingoGpu.Ptx;

/// <summary>The block's place in the grid.</summary>
public static class BlockIdx
{
    /// <summary>Along x.</summary>
    public static S32 X => new(Emitter.Current.Once("%ctaid.x", "mov.u32"));

    /// <summary>Along y.</summary>
    public static S32 Y => new(Emitter.Current.Once("%ctaid.y", "mov.u32"));

    /// <summary>Along z.</summary>
    public static S32 Z => new(Emitter.Current.Once("%ctaid.z", "mov.u32"));
}
