using System.Numerics.Tensors;
using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// One request on the device: media encoded and projected once, prompts prefilled, then one token per row and step.
/// A step allocates nothing. Rows are independent and left-aligned, so a row of a batch computes what it would compute
/// alone. Not safe for concurrent use.
/// </summary>
public sealed class TextSession : IDisposable
{
    private readonly FlamingoModel _model;
    private readonly RequestPool _pool;
    private readonly IReadOnlyList<SequenceInput> _rows;
    private readonly RequestShape _shape;
    private readonly BoundRequest _bound;
    private readonly int[] _lengths; // tokens in the cache of each row
    private readonly int[] _stepSpans; // [cacheRows, 2]
    private readonly int[] _firstMedium;
    private MediaEncoder? _encoder;
    private int _steps;
    private bool _isDisposed;

    /// <summary>Allocates everything the request needs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="compute">Where to run.</param>
    /// <param name="rows">The prompts.</param>
    /// <param name="newTokens">Most tokens to generate per prompt.</param>
    /// <param name="replicas">Cache rows per prompt: beams.</param>
    /// <param name="extendTokens">Tokens per row that <see cref="Extend"/> takes, 0 when it is not used.</param>
    /// <param name="choice">How tokens are chosen, to let a device that can keep the decode loop to itself; null: the host
    /// chooses.</param>
    /// <param name="memoryLimit">Bytes that weights and request together may take.</param>
    /// <exception cref="InvalidRequestException">A prompt is empty, has other media than markers, an id outside the
    /// vocabulary, or does not fit the context together with the new tokens.</exception>
    /// <exception cref="DeviceException">The plan does not fit the device's memory; has the figures.</exception>
    public TextSession(
        FlamingoModel model, ComputeDevice compute, IReadOnlyList<SequenceInput> rows, int newTokens,
        int replicas = 1, int extendTokens = 0, long memoryLimit = long.MaxValue, TokenChoice? choice = null)
        : this(
            model, compute, new RequestPool(model, compute, memoryLimit, capacity: 0), rows, newTokens, replicas,
            extendTokens, choice)
    {
    }

    /// <summary>Takes what the request needs from a pool, and gives it back when disposed.</summary>
    internal TextSession(
        FlamingoModel model, ComputeDevice compute, RequestPool pool, IReadOnlyList<SequenceInput> rows, int newTokens,
        int replicas = 1, int extendTokens = 0, TokenChoice? choice = null)
    {
        Check(model, rows, newTokens + extendTokens);
        (_model, _pool, _rows) = (model, pool, rows);
        _shape = new RequestShape(
            rows.Count, rows.Max(row => row.TokenIds.Count), newTokens, rows.Sum(row => row.Media.Count),
            rows.SelectMany(row => row.Media).Select(medium => medium.Frames).DefaultIfEmpty(1).Max(), replicas, extendTokens);
        if (pool.IsShared) _shape = _shape.Rounded(model.Language.Context);
        _bound = pool.Rent(_shape, compute.Device is IRecordingDevice ? choice : null);
        try
        {
            _bound.Start();
        }
        catch
        {
            _bound.Dispose(); // half recorded, it serves nobody
            throw;
        }

        _lengths = new int[_shape.CacheRows];
        _stepSpans = new int[2 * _shape.CacheRows];
        _firstMedium = new int[rows.Count];
        for (var row = 1; row < rows.Count; row++) _firstMedium[row] = _firstMedium[row - 1] + rows[row - 1].Media.Count;
    }

    /// <summary>Numbers in one row of logits.</summary>
    public int Vocabulary => _model.Language.Vocabulary;

    /// <summary>Rows of the cache: prompts × replicas, the replicas of a prompt next to each other.</summary>
    public int RowCount => _shape.CacheRows;

    /// <summary>Replicas of each prompt.</summary>
    public int Replicas => _shape.Replicas;

    /// <summary>Bytes of activations this request planned and allocated.</summary>
    public long ArenaBytes => _bound.Arena.ByteLength;

    /// <summary>Tokens in the cache of a row.</summary>
    public int Length(int row) => _lengths[row];

    /// <summary>Logits of the last token of a row; valid until the next step.</summary>
    public ReadOnlySpan<float> Logits(int row) => _bound.Logits.AsSpan(row * Vocabulary, Vocabulary);

    /// <summary>The kernel variant of every node of the decode step and of the prefill, for <c>--verbose</c>.</summary>
    public IEnumerable<(GraphNode Node, string Variant)> Variants =>
        _bound.Prefill.Variants.Concat(
            _bound.Decoder?.Variants ?? _bound.Beams?.Variants ?? _bound.Decode?.Variants ?? []);

    /// <summary>Sets who hears about every node of all text graphs of this request.</summary>
    public void Listen(IExecutionListener? listener) => _bound.Listen(listener);

    /// <summary>Encodes the media (or recalls them) and projects their keys and values for every gated layer.</summary>
    public void EncodeMedia(MediaEncoder encoder)
    {
        if (_bound.Project is not { } project) return;
        _encoder = encoder;
        encoder.Encode(Media, MediaNumbers, _bound.Media, project.AddressOf("latents"));
        project.Run();
    }

    /// <summary>Projects given latents [media, latents, visualWidth] instead of encoding.</summary>
    public void ProjectMedia(ReadOnlySpan<float> latents)
    {
        if (_bound.Project is not { } project) return;
        project.Write("latents", latents);
        project.Run();
    }

    /// <summary>Runs all prompts; afterwards <see cref="Logits"/> are those of each prompt's last token.</summary>
    /// <exception cref="NonFiniteException">A result is not finite; names the node.</exception>
    public void Prefill()
    {
        var (rows, tokens) = (_shape.Rows, _shape.PromptTokens);
        var ids = new int[rows * tokens];
        var spans = new int[2 * rows * tokens];
        var last = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            var input = _rows[row];
            for (var i = 0; i < input.TokenIds.Count; i++) ids[row * tokens + i] = input.TokenIds[i];
            MediaSpans.Fill(_model.Config.CrossAttention.Mask, [.. input.MediaPositions], _firstMedium[row], input.Media.Count, spans.AsSpan(2 * row * tokens, 2 * tokens));
            last[row] = row * tokens + input.TokenIds.Count - 1;
        }

        var prefill = _bound.Prefill;
        prefill.Write<int>("ids", ids);
        prefill.Write<int>("past", new int[rows]);
        prefill.Write<int>("rows", last);
        if (_bound.Graphs.MediaKv is not null) prefill.Write<int>("spans", spans);
        prefill.Run();
        prefill.Read("logits", _bound.Logits.AsSpan(0, rows * Vocabulary));
        RequireFinite(prefill, rows);
        Replicate();
    }

    /// <summary>Feeds one token to every row; afterwards <see cref="Logits"/> are those that follow it.</summary>
    /// <param name="ids">One id per row; a row that has ended may be fed anything.</param>
    /// <exception cref="NonFiniteException">A result is not finite; names the node.</exception>
    public void Step(ReadOnlySpan<int> ids)
    {
        var decode = _bound.Decode
            ?? throw new InvalidOperationException("the session was made without steps that the host takes.");
        if (_steps == _shape.NewTokens) throw new InvalidOperationException($"the session was made for {_steps} new tokens.");
        decode.Write("ids", ids);
        decode.Write<int>("past", _lengths);
        decode.Write("rows", RowNumbers);
        if (_bound.Graphs.MediaKv is not null) decode.Write<int>("spans", _stepSpans);
        decode.Record();
        decode.Run();
        decode.Read("logits", _bound.Logits.AsSpan());
        RequireFinite(decode, RowCount);
        for (var row = 0; row < _lengths.Length; row++) _lengths[row]++;
        _steps++;
    }

    /// <summary>True when the device chooses the tokens after the first.</summary>
    internal bool ChoosesOnDevice => _bound.Decoder is not null;

    /// <summary>The best continuations of beams, when the device ranks them after the first step; else null.</summary>
    internal DeviceBeams? Beams => _bound.Beams;

    /// <summary>
    /// Lets every row continue its parent, feeds it a token and ranks what may follow (<see cref="DeviceBeams"/>).
    /// </summary>
    /// <param name="parents">For each row, the row it continues.</param>
    /// <param name="ids">One id per row.</param>
    /// <param name="sums">Log-probability of each row, its new id included.</param>
    /// <param name="banned">Bits of the ids that are never chosen.</param>
    /// <exception cref="NonFiniteException">Logits were not finite; names the node.</exception>
    internal void StepBeams(ReadOnlySpan<int> parents, ReadOnlySpan<int> ids, ReadOnlySpan<float> sums, ReadOnlySpan<int> banned)
    {
        var promptLengths = new int[_shape.Rows];
        for (var row = 0; row < promptLengths.Length; row++) promptLengths[row] = _rows[row].TokenIds.Count;
        ReadOnlySpan<int> spans = _bound.Graphs.MediaKv is null ? [] : _stepSpans;
        _bound.Beams!.Step(parents, ids, sums, banned, _lengths, promptLengths, spans);
        for (var row = 0; row < _lengths.Length; row++) _lengths[row]++;
    }

    /// <summary>Starts the decode loop on the device.</summary>
    /// <param name="ids">First token of each row.</param>
    /// <param name="samplers">What each row has seen and bans, and its random sequence.</param>
    internal void StartOnDevice(ReadOnlySpan<int> ids, TokenSampler[] samplers) =>
        _bound.Decoder!.Start(ids, _lengths, _stepSpans, samplers);

    /// <inheritdoc cref="DeviceDecoder.RunAlone"/>
    internal void RunAloneOnDevice(int steps) => _bound.Decoder!.RunAlone(steps);

    /// <summary>Ids the device chose in its next step, one per row; valid until the next call.</summary>
    /// <exception cref="NonFiniteException">Logits were not finite; names the node.</exception>
    internal ReadOnlySpan<int> NextOnDevice()
    {
        var ids = _bound.Decoder!.Next();
        var bad = ids.IndexOfAnyExceptInRange(0, int.MaxValue);
        if (bad < 0) return ids;
        _bound.Decoder.RunChecked();
        throw new NonFiniteException("logits", (long)bad * Vocabulary, float.NaN);
    }

    /// <summary>Runs given tokens behind every row at once, leaving the rows as they were.</summary>
    /// <param name="ids">[rows, extendTokens]; rows may be filled up with any valid id.</param>
    /// <returns>Logits that follow each of them: [rows · extendTokens, vocabulary].</returns>
    public float[] Extend(ReadOnlySpan<int> ids)
    {
        var extend = _bound.Extend ?? throw new InvalidOperationException("the session was made without extendTokens.");
        var spans = new int[2 * ids.Length];
        for (var i = 0; i < ids.Length; i++) _stepSpans.AsSpan(2 * (i / _shape.ExtendTokens), 2).CopyTo(spans.AsSpan(2 * i));
        extend.Write("ids", ids);
        extend.Write<int>("past", _lengths);
        extend.Write<int>("rows", [.. Enumerable.Range(0, ids.Length)]);
        if (_bound.Graphs.MediaKv is not null) extend.Write<int>("spans", spans);
        extend.Run();
        return extend.Read("logits");
    }

    /// <summary>Continues each row from another row of the same prompt: beam search chose its parents.</summary>
    /// <param name="parents">For each row, the row it continues.</param>
    public void Reorder(ReadOnlySpan<int> parents)
    {
        // Replicas share their prompt, so only what was generated moves. These copies happen "at once": one whose
        // target nobody still reads goes first; a cycle is broken through the spare row of the cache.
        var pending = new List<(int Source, int Target)>();
        for (var row = 0; row < parents.Length; row++)
        {
            if (parents[row] != row) pending.Add((parents[row], row));
        }

        while (pending.Count > 0)
        {
            var free = pending.FindIndex(copy => pending.TrueForAll(other => other.Source != copy.Target));
            if (free >= 0)
            {
                CopyGenerated(pending[free].Source, pending[free].Target);
                pending.RemoveAt(free);
                continue;
            }

            var saved = pending[0].Target;
            CopyGenerated(saved, RowCount);
            pending = [.. pending.Select(copy => copy.Source == saved ? (RowCount, copy.Target) : copy)];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _pool.Return(_bound);
    }

    private List<MediaPixels> Media => [.. _rows.SelectMany(row => row.Media)];

    /// <summary>Number of each medium within its row.</summary>
    private List<int> MediaNumbers => [.. _rows.SelectMany(row => Enumerable.Range(0, row.Media.Count))];

    private void CopyGenerated(int source, int target)
    {
        var row = Math.Min(source, target); // the spare row has no prompt of its own
        _bound.Graphs.Cache.CopyRow(source, target, _rows[row / Replicas].TokenIds.Count, _lengths[row]);
    }

    private int[] RowNumbers => field ??= [.. Enumerable.Range(0, RowCount)];

    private void Replicate()
    {
        for (var row = _shape.Rows - 1; row >= 0; row--)
        {
            var length = _rows[row].TokenIds.Count;
            var (first, count) = MediaSpans.Of(
                _model.Config.CrossAttention.Mask, _rows[row].MediaPositions.Count, _firstMedium[row], _rows[row].Media.Count);
            for (var replica = Replicas - 1; replica >= 0; replica--)
            {
                var target = row * Replicas + replica;
                _bound.Graphs.Cache.CopyRow(row, target, 0, length);
                if (target != row) Logits(row).CopyTo(_bound.Logits.AsSpan(target * Vocabulary, Vocabulary));
                _lengths[target] = length;
                (_stepSpans[2 * target], _stepSpans[2 * target + 1]) = (first, count);
            }
        }
    }

    private void RequireFinite(GraphExecutor executor, int rows)
    {
        var logits = _bound.Logits.AsSpan(0, rows * Vocabulary);
        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(logits))) return;
        var bad = logits.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (bad < 0) return; // only the sum was too large
        _encoder?.RequireFinite(Media, MediaNumbers, _bound.Media);
        executor.RunChecked();
        throw new NonFiniteException("logits", bad, logits[bad]);
    }

    private static void Check(FlamingoModel model, IReadOnlyList<SequenceInput> rows, int newTokens)
    {
        if (rows.Count == 0) throw new InvalidRequestException("no prompt was given.");
        ArgumentOutOfRangeException.ThrowIfNegative(newTokens);
        for (var row = 0; row < rows.Count; row++)
        {
            var input = rows[row];
            if (input.TokenIds.Count == 0) throw new InvalidRequestException($"prompt {row} is empty; give at least one token.");
            if (input.Media.Count < input.MediaPositions.Count)
                throw new InvalidRequestException($"prompt {row} has {input.MediaPositions.Count} <image> markers but {input.Media.Count} pictures; give one picture per marker.");
            if (input.TokenIds.Count + newTokens > model.Language.Context)
                throw new InvalidRequestException(
                    $"prompt {row} has {input.TokenIds.Count} tokens and {newTokens} more may be generated: {input.TokenIds.Count + newTokens}, "
                    + $"but the model's context is {model.Language.Context}. Use fewer shots, a shorter prompt, or fewer new tokens.");
            foreach (var id in input.TokenIds)
            {
                if ((uint)id >= (uint)model.Language.Vocabulary)
                    throw new InvalidRequestException($"prompt {row} has token id {id}; the vocabulary has {model.Language.Vocabulary} rows. Is this the model's tokenizer?");
            }
        }
    }
}
