namespace FlamingoGpu.Ptx;

/// <summary>The thread's place in its block.</summary>
public static class ThreadIdx
{
    /// <summary>Along x; consecutive threads along x form warps.</summary>
    public static S32 X => new(Emitter.Current.Once("%tid.x", "mov.u32"));

    /// <summary>Along y.</summary>
    public static S32 Y => new(Emitter.Current.Once("%tid.y", "mov.u32"));

    /// <summary>Along z.</summary>
    public static S32 Z => new(Emitter.Current.Once("%tid.z", "mov.u32"));
}
