namespace FlamingoGpu.Ptx;

/// <summary>Threads of a block. They are host numbers: a kernel is built for one block shape.</summary>
public static class BlockDim
{
    /// <summary>Along x.</summary>
    public static int X => Shape.X;

    /// <summary>Along y.</summary>
    public static int Y => Shape.Y;

    /// <summary>Along z.</summary>
    public static int Z => Shape.Z;

    /// <summary>All of them.</summary>
    public static int Threads => Shape.Threads;

    private static BlockShape Shape => Emitter.Current.Block!.Value;
}
