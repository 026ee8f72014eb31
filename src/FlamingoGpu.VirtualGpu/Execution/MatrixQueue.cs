namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// The products that a warp issued and has not waited for. They are computed in order, at random moments between issue
/// and wait, from what memory and registers hold then, so that a kernel which changes them meanwhile gets other results
/// with other seeds.
/// </summary>
internal sealed class MatrixQueue(Warp warp)
{
    private const int CatchUpOdds = 4;

    private readonly List<MatrixProduct> _products = [];
    private readonly Stack<MatrixProduct> _spare = [];
    private int _group;

    /// <summary>A product to be filled in and issued.</summary>
    public MatrixProduct Take(int chunks)
    {
        if (!_spare.TryPop(out var product)) product = new MatrixProduct();
        if (product.Chunks.Length != chunks) product.Chunks = new uint[chunks];
        return product;
    }

    public void Issue(MatrixProduct product)
    {
        product.Group = _group;
        product.IsDone = false;
        _products.Add(product);
        warp.Block.Shared.BeginProduct(warp, product.Op, product.Chunks);
        MayCatchUp();
    }

    public void Commit()
    {
        _group++;
        MayCatchUp();
    }

    /// <summary>Ends the products of all but the newest committed groups; those of no group stay.</summary>
    public void Wait(int allowed)
    {
        var ended = 0;
        while (ended < _products.Count && _products[ended].Group < _group - allowed)
        {
            var product = _products[ended++];
            Compute(product);
            product.Op.Release(warp);
            warp.Block.Shared.EndProduct(warp, product.Chunks);
            _spare.Push(product);
        }

        _products.RemoveRange(0, ended);
        MayCatchUp();
    }

    /// <summary>The warp ends: whatever is under way was never waited for.</summary>
    public void End()
    {
        foreach (var product in _products)
        {
            warp.Report(FindingKind.MissingWait, product.Op, -1, 0, product.Group == _group
                ? "no wgmma.commit_group follows this product, so nothing can wait for it."
                : "no wgmma.wait_group waits for this product before the warp ends.");
        }
    }

    /// <summary>True when a product under way reads a byte of shared memory.</summary>
    public MatrixProduct? ReaderOf(uint offset) => _products.Find(
        product => Array.Exists(product.Chunks, chunk => offset >= chunk && offset < chunk + 16));

    public void Clear()
    {
        foreach (var product in _products) _spare.Push(product);
        _products.Clear();
        _group = 0;
    }

    private void MayCatchUp()
    {
        if (warp.Block.Run.Random.Next(CatchUpOdds) != 0) return;
        foreach (var product in _products) Compute(product);
    }

    private void Compute(MatrixProduct product)
    {
        if (product.IsDone) return;
        product.Op.Compute(warp, product);
        product.IsDone = true;
    }
}
