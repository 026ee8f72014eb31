using FlamingoGpu.Core;
using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>
/// What the attentions on tensor cores have in common while they are staged: the parameters, the block's queries in shared
/// memory, the ring its keys and values come through, and the result's way out.
/// </summary>
/// <typeparam name="T">Type of queries, keys and values.</typeparam>
internal sealed class AttentionBlock<T>
    where T : struct, IMatrixElement<T>
{
    private readonly DType _out;
    private readonly int _headDim;
    private readonly int _rowsPerWarp;
    private readonly FloatPtr _y;
    private readonly S32 _queries;
    private readonly S32 _firstQuery;
    private readonly S64 _blockRow;

    /// <summary>Declares the parameters, takes shared memory and prepares the copies.</summary>
    /// <param name="k">The kernel.</param>
    /// <param name="variant">Its types, head size and keys.</param>
    /// <param name="queries">Queries of a block.</param>
    /// <param name="rowsPerWarp">Queries of a warp.</param>
    /// <param name="keys">Keys of a tile.</param>
    /// <param name="stages">Stages of the ring.</param>
    public AttentionBlock(
        KernelBuilder k, AttentionVariant variant, int queries, int rowsPerWarp, int keys, int stages)
    {
        (_out, _headDim, _rowsPerWarp) = (variant.Out, variant.HeadDim, rowsPerWarp);
        var q = k.InputFloats("q", variant.In, 16);
        var qPitch = k.Scalar<S64>("q_pitch");
        _queries = k.Scalar<S32>("queries");
        Factor = k.Scalar<F32>("factor");
        _y = k.OutputFloats("y", _out, 16);
        var (head, batch) = (BlockIdx.Y, BlockIdx.Z);
        _firstQuery = (GridDim.X - 1 - BlockIdx.X) * queries;
        var scope = variant.Keys.Open(k, new QueryBlock(
            variant.In, _headDim, 16, queries, batch, variant.Group > 1 ? head / variant.Group : head, _firstQuery,
            _queries));

        QueryTile = SharedTile<T>(queries, _headDim);
        Ring = new Ring(stages);
        (KeyTile, ValueTile) = (Ring.Tile<T>(keys, _headDim), Ring.Tile<T>(keys, _headDim));
        _blockRow = Isa.MulWide(batch, _queries) + _firstQuery.ToS64();
        var source = (q + (_blockRow * qPitch + (head * _headDim).ToS64())).As<T>();
        var copy = QueryTile.CopyFrom(source, qPitch.ToS32(), _queries - _firstQuery);
        void Load() => copy.Start(Stage.Only, 0);
        if (scope.Rotation is { } rotation)
            QueryTurn.Load(Load, QueryTile, rowsPerWarp, variant.In, rotation, _firstQuery);
        else LoadQueries = Load;
        Tiles = new KeyTiles<T>(scope, KeyTile, ValueTile);

        Row = WarpId * rowsPerWarp + Accumulator.LaneRow;
        Seen = new QueryRow[rowsPerWarp / 8];
        for (var r = 0; r < Seen.Length; r++) Seen[r] = scope.Row(head, _firstQuery + Row + 8 * r);
        Softmax = new OnlineSoftmax(Array.ConvertAll(Seen, one => one.EmptySum));
    }

    /// <summary>Scale · log₂e.</summary>
    public F32 Factor { get; }

    /// <summary>The queries; later 16-bit results on their way out.</summary>
    public SharedTile<T> QueryTile { get; }

    /// <summary>What keys and values come through.</summary>
    public Ring Ring { get; }

    /// <summary>A tile of keys.</summary>
    public SharedTile<T> KeyTile { get; }

    /// <summary>A tile of values.</summary>
    public SharedTile<T> ValueTile { get; }

    /// <summary>The keys, tile after tile.</summary>
    public KeyTiles<T> Tiles { get; }

    /// <summary>Starts the copies of the queries; null when they had to be there before.</summary>
    public Action? LoadQueries { get; }

    /// <summary>This lane's first row in the block.</summary>
    public S32 Row { get; }

    /// <summary>What the lane's queries see, those of rows ℓ/4, ℓ/4 + 8 …</summary>
    public QueryRow[] Seen { get; }

    /// <summary>Their softmax.</summary>
    public OnlineSoftmax Softmax { get; }

    /// <summary>Divides the sums by their weights' and stores them; nobody reads the queries any more.</summary>
    public void Store(ValueSums sums)
    {
        sums.Normalise(Softmax, Seen.Length);
        new AttentionResult<T>(_out, _y, _headDim, _queries - _firstQuery, _rowsPerWarp)
            .Store(_blockRow, BlockIdx.Y, QueryTile, Row, sums);
    }
}
