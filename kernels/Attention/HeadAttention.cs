// Softmax attention of one head, shared by every attention op of the CPU.
//
// Many queries: keys are transposed into panels and values copied into panels once, then tiles of queries go through
// scores = q·kᵀ, softmax over whole rows, output = p·v. Whole score rows are kept (a tile × all keys), so there is no
// running maximum to correct and each row is summed once. Few queries (decode): keys and values are read in place, four
// rows at a time, at memory speed. Keys and values are widened as they are read; f32 from there on, largest score
// subtracted, normalised after p·v.
// Scratch: keys·(2·D rounded up to panels + tile rows) floats. Any D and counts; a query that sees nothing gives zeros.

using System.Runtime.CompilerServices;

namespace FlamingoGpu.Kernels;

/// <summary>Runs <see cref="HeadTask"/>s.</summary>
internal static unsafe class HeadAttention<TLanes, TKey>
    where TLanes : unmanaged, ILanes<TLanes>
    where TKey : IWeight
{
    /// <summary>Fewer queries than this are not worth the panels.</summary>
    private const int MinTileQueries = 4;

    /// <summary>Scratch a task with up to this many keys needs.</summary>
    public static long ScratchBytes(long keys, int headDim)
    {
        var paddedKeys = RoundUp(keys, ProductTile<TLanes>.Width);
        var paddedDim = RoundUp(headDim, ProductTile<TLanes>.Width);
        var panels = paddedKeys * headDim + keys * paddedDim;
        var rows = ProductTile<TLanes>.MaxRows * (paddedKeys + ProductTile<TLanes>.Width);
        return (panels + rows + paddedDim) * sizeof(float);
    }

    /// <summary>Computes the task's output rows.</summary>
    public static void Run(in HeadTask task, float* scratch)
    {
        if (task.QueryCount < MinTileQueries)
        {
            for (var query = 0; query < task.QueryCount; query++) RunOne(task, query, scratch);
        }
        else
        {
            RunTiles(task, scratch);
        }
    }

    /// <summary>output[D] = the plain average of the values.</summary>
    public static void Average(KeySource source, int headDim, float* output, float* scratch)
    {
        var sums = scratch + source.Count;
        new Span<float>(scratch, source.Count).Fill(1f);
        new Span<float>(sums, headDim).Clear();
        AddWeighted(scratch, source, headDim, sums);
        for (var i = 0; i < headDim; i++) output[i] = sums[i] / source.Count;
    }

    private static void RunOne(in HeadTask task, int query, float* scores)
    {
        var visible = task.Visible(query);
        var (first, second) = (task.First.Limit(visible), task.Second.Limit(visible - task.First.Count));
        var sums = scores + RoundUp(visible, ProductTile<TLanes>.Width);
        var row = task.Queries + query * task.QueryPitch;
        Score(row, first, task.HeadDim, scores);
        Score(row, second, task.HeadDim, scores + first.Count);
        var total = Softmax(scores, visible, visible, task.Scale, task.Slope, 1 - visible, out _);
        new Span<float>(sums, task.HeadDim).Clear();
        AddWeighted(scores, first, task.HeadDim, sums);
        AddWeighted(scores + first.Count, second, task.HeadDim, sums);
        Scale(sums, visible == 0 ? 0f : 1f / total, task.Output + query * task.OutputPitch, task.HeadDim);
    }

    private static void RunTiles(in HeadTask task, float* scratch)
    {
        var width = ProductTile<TLanes>.Width;
        var dim = task.HeadDim;
        var keys = task.Visible(task.QueryCount - 1);
        var (first, second) = (task.First.Limit(keys), task.Second.Limit(keys - task.First.Count));
        var paddedKeys = (int)RoundUp(keys, width);
        var keyPanels = scratch;
        var valuePanels = keyPanels + (nint)paddedKeys * dim;
        var scores = valuePanels + (nint)keys * (nint)RoundUp(dim, width);
        var tile = scores + (nint)ProductTile<TLanes>.MaxRows * paddedKeys;
        FillKeyPanels(first, second, dim, keyPanels);
        FillValuePanels(first, second, dim, valuePanels);

        var totals = stackalloc float[ProductTile<TLanes>.MaxRows];
        for (var query = 0; query < task.QueryCount; query += ProductTile<TLanes>.MaxRows)
        {
            var rows = Math.Min(ProductTile<TLanes>.MaxRows, task.QueryCount - query);
            var seen = task.Visible(query + rows - 1);
            for (var key = 0; key < seen; key += width)
            {
                ProductTile<TLanes>.Multiply(
                    task.Queries + query * task.QueryPitch, task.QueryPitch, keyPanels + (nint)key * dim, width,
                    scores + key, paddedKeys, rows, dim, accumulate: false);
            }

            for (var row = 0; row < rows; row++)
            {
                var visible = task.Visible(query + row);
                totals[row] = Softmax(
                    scores + (nint)row * paddedKeys, visible, seen, task.Scale, task.Slope, 1 - visible, out _);
            }

            for (var column = 0; column < dim; column += width)
            {
                ProductTile<TLanes>.Multiply(
                    scores, paddedKeys, valuePanels + (nint)column * keys, width, tile, width, rows, seen, accumulate: false);
                for (var row = 0; row < rows; row++)
                {
                    var factor = task.Visible(query + row) == 0 ? 0f : 1f / totals[row];
                    var output = task.Output + (query + row) * task.OutputPitch + column;
                    Scale(tile + row * width, factor, output, Math.Min(width, dim - column));
                }
            }
        }
    }

    /// <summary>
    /// Turns the first <paramref name="visible"/> raw scores into exponentials of their distance to the largest, sets those
    /// up to <paramref name="end"/> to zero and returns the sum. The buffer is writable up to a multiple of the vector
    /// width. With a slope, score i gets slope · (<paramref name="firstDistance"/> + i) added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Softmax(
        float* scores, int visible, int end, float scale, float slope, int firstDistance, out float largestScore)
    {
        var padded = (int)RoundUp(visible, TLanes.Count);
        for (var i = visible; i < padded; i++) scores[i] = float.NegativeInfinity;
        var factor = TLanes.All(scale);
        var slopes = TLanes.All(slope);
        var distance = Ramp() + TLanes.All(firstDistance);
        var step = TLanes.All(TLanes.Count);
        var largest = TLanes.All(float.NegativeInfinity);
        for (var i = 0; i < padded; i += TLanes.Count)
        {
            var score = TLanes.Load(scores + i) * factor;
            if (slope != 0f)
            {
                score = TLanes.MultiplyAdd(slopes, distance, score);
                distance += step;
            }

            score.Store(scores + i);
            largest = TLanes.Max(largest, score);
        }

        largestScore = TLanes.Largest(largest);
        var shift = TLanes.All(largestScore);
        var sum = TLanes.Zero;
        for (var i = 0; i < padded; i += TLanes.Count)
        {
            var weight = VectorMath.Exp(TLanes.Load(scores + i) - shift);
            weight.Store(scores + i);
            sum += weight;
        }

        for (var i = padded; i < end; i++) scores[i] = 0f;
        return TLanes.Sum(sum);
    }

    /// <summary>0, 1, 2 … in the lanes.</summary>
    private static TLanes Ramp()
    {
        var lanes = stackalloc float[16];
        for (var i = 0; i < 16; i++) lanes[i] = i;
        return TLanes.Load(lanes);
    }

    /// <summary>scores[j] = query · key j.</summary>
    private static void Score(float* query, KeySource source, int dim, float* scores)
    {
        var sums = stackalloc float[4];
        for (var key = 0; key < source.Count; key += 4)
        {
            var group = Math.Min(4, source.Count - key);
            KeyProducts<TLanes, TKey>.Four(
                source.Key(key),
                source.Key(group > 1 ? key + 1 : key),
                source.Key(group > 2 ? key + 2 : key),
                source.Key(group > 3 ? key + 3 : key),
                query, dim, sums);
            for (var i = 0; i < group; i++) scores[key + i] = sums[i];
        }
    }

    /// <summary>sums[D] += Σ weights[j] · value j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddWeighted(float* weights, KeySource source, int dim, float* sums)
    {
        for (var key = 0; key < source.Count; key += 4)
        {
            // Missing rows of a last group of fewer than four repeat the first with weight zero.
            var group = Math.Min(4, source.Count - key);
            var v0 = source.Value(key);
            var v1 = source.Value(group > 1 ? key + 1 : key);
            var v2 = source.Value(group > 2 ? key + 2 : key);
            var v3 = source.Value(group > 3 ? key + 3 : key);
            var p0 = weights[key];
            var p1 = group > 1 ? weights[key + 1] : 0f;
            var p2 = group > 2 ? weights[key + 2] : 0f;
            var p3 = group > 3 ? weights[key + 3] : 0f;
            var (w0, w1, w2, w3) = (TLanes.All(p0), TLanes.All(p1), TLanes.All(p2), TLanes.All(p3));
            var i = 0;
            for (; i <= dim - TLanes.Count; i += TLanes.Count)
            {
                var sum = TLanes.MultiplyAdd(w0, TKey.Load<TLanes>(v0 + i * TKey.Size), TLanes.Load(sums + i));
                sum = TLanes.MultiplyAdd(w1, TKey.Load<TLanes>(v1 + i * TKey.Size), sum);
                sum = TLanes.MultiplyAdd(w2, TKey.Load<TLanes>(v2 + i * TKey.Size), sum);
                TLanes.MultiplyAdd(w3, TKey.Load<TLanes>(v3 + i * TKey.Size), sum).Store(sums + i);
            }

            for (; i < dim; i++)
            {
                var at = i * TKey.Size;
                sums[i] += p0 * TKey.LoadOne(v0 + at) + p1 * TKey.LoadOne(v1 + at)
                    + p2 * TKey.LoadOne(v2 + at) + p3 * TKey.LoadOne(v3 + at);
            }
        }
    }

    /// <summary>sums += factor · source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* source, float factor, float* sums, int count)
    {
        var lanes = TLanes.All(factor);
        var i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            TLanes.MultiplyAdd(lanes, TLanes.Load(source + i), TLanes.Load(sums + i)).Store(sums + i);
        for (; i < count; i++) sums[i] += factor * source[i];
    }

    /// <summary>destination = factor · source; may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* source, float factor, float* destination, int count)
    {
        var lanes = TLanes.All(factor);
        var i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count) (TLanes.Load(source + i) * lanes).Store(destination + i);
        for (; i < count; i++) destination[i] = source[i] * factor;
    }

    /// <summary>panels[key / W][d][key mod W]; a panel may hold the end of one source and the start of the next.</summary>
    private static void FillKeyPanels(KeySource first, KeySource second, int dim, float* panels)
    {
        var width = ProductTile<TLanes>.Width;
        var whole = first.Count / width * width;
        for (var key = 0; key < whole; key += width)
            FillPanel(first, key, width, dim, panels + (nint)key * dim);
        if (second.Count == 0)
        {
            if (whole < first.Count) FillPanel(first, whole, first.Count - whole, dim, panels + (nint)whole * dim);
            return;
        }

        var total = first.Count + second.Count;
        var next = 0;
        if (whole < first.Count)
        {
            var panel = panels + (nint)whole * dim;
            for (var key = whole; key < whole + width; key++)
            {
                var row = key < first.Count ? first.Key(key) : key < total ? second.Key(key - first.Count) : null;
                for (var d = 0; d < dim; d++)
                    panel[d * width + key - whole] = row == null ? 0f : TKey.LoadOne(row + d * TKey.Size);
            }

            next = whole + width - first.Count;
        }

        for (; next < second.Count; next += width)
            FillPanel(second, next, Math.Min(width, second.Count - next), dim, panels + (nint)(first.Count + next) * dim);
    }

    private static void FillPanel(KeySource source, int key, int count, int dim, float* panel) =>
        WeightPanel<TLanes, TKey>.Fill(source.Key(key), source.KeyPitch, count, dim, panel);

    /// <summary>panels[d / W][key][d mod W], zeros beyond D.</summary>
    private static void FillValuePanels(KeySource first, KeySource second, int dim, float* panels)
    {
        var width = ProductTile<TLanes>.Width;
        var total = first.Count + second.Count;
        for (var column = 0; column < dim; column += width)
        {
            var columns = Math.Min(width, dim - column);
            var panel = panels + (nint)column * total;
            for (var key = 0; key < total; key++, panel += width)
            {
                var value = key < first.Count ? first.Value(key) : second.Value(key - first.Count);
                Rows.Widen<TLanes, TKey>(value + column * TKey.Size, panel, columns);
                for (var i = columns; i < width; i++) panel[i] = 0f;
            }
        }
    }

    private static long RoundUp(long value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
