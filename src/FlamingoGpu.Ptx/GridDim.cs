namespace FlamingoGpu.Ptx;

/// <summary>Blocks in the grid.</summary>
public static class GridDim
{
    /// <summary>Along x.</summary>
    public static S32 X => new(Emitter.Current.Once("%nctaid.x", "mov.u32"));

    /// <summary>Along y.</summary>
    public static S32 Y => new(Emitter.Current.Once("%nctaid.y", "mov.u32"));

    /// <summary>Along z.</summary>
    public static S32 Z => new(Emitter.Current.Once("%nctaid.z", "mov.u32"));
}
