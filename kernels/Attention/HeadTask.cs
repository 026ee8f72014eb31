namespace FlamingoGpu.Kernels;

/// <summary>
/// Attention of some queries of one head over one or two sources of keys, taken in order. Query i sees the first
/// FirstVisible + i·VisibleStep keys; a slope adds slope·(key − last visible key) to its scaled scores.
/// </summary>
internal unsafe struct HeadTask
{
    /// <summary>First query [queries, D].</summary>
    public float* Queries;

    /// <summary>Floats between queries.</summary>
    public nint QueryPitch;

    /// <summary>Number of queries.</summary>
    public int QueryCount;

    /// <summary>Keys 0 … First.Count−1.</summary>
    public KeySource First;

    /// <summary>The keys behind those; may be empty.</summary>
    public KeySource Second;

    /// <summary>D.</summary>
    public int HeadDim;

    /// <summary>Score factor.</summary>
    public float Scale;

    /// <summary>Keys the first query sees.</summary>
    public int FirstVisible;

    /// <summary>1 for causal attention, 0 when all queries see the same.</summary>
    public int VisibleStep;

    /// <summary>ALiBi slope, 0 for none.</summary>
    public float Slope;

    /// <summary>First output row [queries, D].</summary>
    public float* Output;

    /// <summary>Floats between output rows.</summary>
    public nint OutputPitch;

    /// <summary>Keys query <paramref name="query"/> sees.</summary>
    public readonly int Visible(int query) => FirstVisible + query * VisibleStep;
}
