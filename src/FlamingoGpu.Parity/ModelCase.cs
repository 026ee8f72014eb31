using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;

namespace FlamingoGpu.Parity;

/// <summary>
/// One case of a model fixture: a batch of left-padded prompts with their pictures. Padding is taken away on the way in
/// and put back for the comparison, because rows of the engine are never padded.
/// </summary>
internal sealed class ModelCase
{
    private const double LogitCeiling = 1e-4; // absolute, as the fixtures ask
    private readonly string _name;
    private readonly FlamingoModel _model;
    private readonly ComputeDevice _compute;
    private readonly TensorBag _expected;
    private readonly ParityOptions _options;
    private readonly float[] _pixels; // [batch · media, frames, 3, height, width]
    private readonly int _frames;
    private readonly int _media; // per row
    private readonly int _batch;
    private readonly int _padded; // tokens of a row with its padding
    private readonly int[] _start; // first real token of each row
    private readonly List<SequenceInput> _rows = [];

    public ModelCase(
        string name, FlamingoModel model, ComputeDevice compute, TensorBag inputs, TensorBag expected, ParityOptions options)
    {
        (_name, _model, _compute, _expected, _options) = (name, model, compute, expected, options);
        _pixels = inputs.Floats($"{name}.vision_x");
        var shape = inputs.ShapeOf($"{name}.vision_x"); // [batch, media, frames, 3, height, width]
        (_batch, _media, _frames) = (shape.Int(0), shape.Int(1), shape.Int(2));
        var ids = inputs.Integers($"{name}.input_ids");
        var mask = inputs.Integers($"{name}.attention_mask");
        var locations = inputs.Integers($"{name}.media_locations");
        _padded = ids.Length / _batch;
        _start = new int[_batch];
        var perMedium = _pixels.Length / Math.Max(1, _batch * _media);
        for (var row = 0; row < _batch; row++)
        {
            var real = Enumerable.Range(0, _padded).Where(i => mask[row * _padded + i] != 0).ToList();
            _start[row] = real[0];
            _rows.Add(new SequenceInput(
                [.. real.Select(i => ids[row * _padded + i])],
                [.. Enumerable.Range(0, real.Count).Where(i => locations[row * _padded + real[i]] != 0)],
                [.. Enumerable.Range(0, _media).Select(m => new MediaPixels(_pixels.AsSpan((row * _media + m) * perMedium, perMedium).ToArray(), _frames))]));
        }
    }

    /// <summary>Every stage of one forward pass over the prompts.</summary>
    public IEnumerable<StageReport> ForwardStages()
    {
        var stages = new List<StageReport>();
        var mediaGraph = _model.MediaGraph(_batch * _media, _frames, keepProbes: true);
        using var mediaArena = new Arena(_compute.Device, mediaGraph.ArenaBytes);
        var encoder = new GraphExecutor(mediaGraph, _compute.Kernels, mediaArena);
        encoder.Write<float>("pixels", _pixels);
        encoder.Run();
        foreach (var stage in new[] { "vision_tokens", "vision_pooled", "resampler_out" })
        {
            if (!_expected.Has($"{_name}.{stage}")) continue;
            stages.Add(Compare(stage, encoder.Read(stage), mediaGraph.LongestPath(stage, Steps)));
        }

        stages.AddRange(TextStages(encoder.Read("latents"), mediaGraph.LongestPath("latents", Steps)));
        return stages;
    }

    /// <summary>Greedy and beam ids, the logits along the greedy path, and likelihoods.</summary>
    public IEnumerable<StageReport> GenerationStages(JsonElement facts)
    {
        foreach (var run in facts.GetProperty("generation").EnumerateArray())
        {
            foreach (var stage in Generate(run, MinimumGap(facts))) yield return stage;
        }

        if (!facts.TryGetProperty("likelihood", out var likelihoods)) yield break;
        var number = 0;
        foreach (var likelihood in likelihoods.EnumerateArray()) yield return Likelihood(likelihood, number++);
    }

    private static double MinimumGap(JsonElement facts) =>
        facts.TryGetProperty("greedy_min_top1_top2_logit_gap", out var gap) && gap.ValueKind == JsonValueKind.Number ? gap.GetDouble() : 0;

    private double Steps(GraphNode node) => RoundingBound.Steps(node, _options.MatrixType);

    private List<StageReport> TextStages(float[] latents, double latentSteps)
    {
        var tokens = _rows.Max(row => row.TokenIds.Count);
        using var cache = new KvCache(_compute.Device, _model.Language, _batch, tokens);
        var config = _model.Config.CrossAttention;
        using var mediaKv = _media == 0 ? null
            : new MediaKeyValues(_compute.Device, _model.GatedLayers.Count, _batch * _media, _model.Resampler.Config.Latents, config.Heads * config.HeadDim);
        var project = mediaKv is null ? null : _model.ProjectMediaGraph(mediaKv);
        var graph = _model.TextGraph(cache, _batch, mediaKv, tokens, _batch * tokens, keepProbes: true);
        using var arena = new Arena(_compute.Device, Math.Max(graph.ArenaBytes, project?.ArenaBytes ?? 0));
        if (project is not null)
        {
            var projector = new GraphExecutor(project, _compute.Kernels, arena);
            projector.Write<float>("latents", latents);
            projector.Run();
        }

        var executor = new GraphExecutor(graph, _compute.Kernels, arena);
        WriteText(executor, tokens, mediaKv is not null);
        executor.Run();
        var projectSteps = project is null ? 0 : latentSteps + project.Nodes.Max(Steps);
        var stages = new List<StageReport>();
        foreach (var stage in graph.Outputs.Keys.Where(key => key != "logits").Append("logits"))
        {
            if (_expected.Has($"{_name}.{stage}"))
                stages.Add(Compare(stage, Pad(executor.Read(stage), tokens), graph.LongestPath(stage, Steps, projectSteps), RealTokens(_expected.ShapeOf($"{_name}.{stage}"))));
        }

        return stages;
    }

    private void WriteText(GraphExecutor executor, int tokens, bool hasMedia)
    {
        var ids = new int[_batch * tokens];
        var spans = new int[2 * _batch * tokens];
        for (var row = 0; row < _batch; row++)
        {
            for (var i = 0; i < _rows[row].TokenIds.Count; i++) ids[row * tokens + i] = _rows[row].TokenIds[i];
            MediaSpans.Fill(_model.Config.CrossAttention.Mask, [.. _rows[row].MediaPositions], row * _media, _media, spans.AsSpan(2 * row * tokens, 2 * tokens));
        }

        executor.Write<int>("ids", ids);
        executor.Write<int>("past", new int[_batch]);
        executor.Write<int>("rows", [.. Enumerable.Range(0, _batch * tokens)]);
        if (hasMedia) executor.Write<int>("spans", spans);
    }

    /// <summary>Moves rows [batch, tokens, width] behind their padding: [batch, padded, width].</summary>
    private float[] Pad(float[] values, int tokens)
    {
        var width = values.Length / (_batch * tokens);
        var result = new float[_batch * _padded * width];
        for (var row = 0; row < _batch; row++)
        {
            values.AsSpan(row * tokens * width, _rows[row].TokenIds.Count * width).CopyTo(result.AsSpan((row * _padded + _start[row]) * width));
        }

        return result;
    }

    private bool[] RealTokens(Shape shape)
    {
        var width = (int)(shape.ElementCount / (_batch * _padded));
        var real = new bool[shape.ElementCount];
        for (var row = 0; row < _batch; row++)
            real.AsSpan((row * _padded + _start[row]) * width, _rows[row].TokenIds.Count * width).Fill(true);
        return real;
    }

    private StageReport Compare(string stage, float[] actual, double steps, bool[]? compared = null)
    {
        var isLogits = stage is "logits";
        var (relative, derivation) = RoundingBound.Of(steps, _options.MatrixType, isLogits ? double.PositiveInfinity : RoundingBound.Ceiling);
        var ceiling = isLogits && !IsConverted ? LogitCeiling : double.PositiveInfinity;
        if (isLogits && !IsConverted) derivation = $"min({derivation}, 1e-4)";
        return Comparison.Numbers($"{_name}/{stage}", _expected.Floats($"{_name}.{stage}"), actual, relative, derivation, ceiling, compared);
    }

    private IEnumerable<StageReport> Generate(JsonElement run, double gap)
    {
        var settings = run.GetProperty("settings");
        var options = new GenerationOptions
        {
            NumBeams = settings.GetProperty("num_beams").GetInt32(),
            MaxNewTokens = settings.GetProperty("max_new_tokens").GetInt32(),
            LengthPenalty = settings.TryGetProperty("length_penalty", out var penalty) ? penalty.GetDouble() : 1,
            StopIds = [settings.GetProperty("eos_token_id").GetInt32()],
        };
        var name = run.GetProperty("name").GetString();
        using var session = new TextSession( // logits of greedy steps are compared, so the host chooses there
            _model, _compute, _rows, options.MaxNewTokens, options.NumBeams, choice: options.NumBeams > 1 ? options.Choice : null);
        using var encoder = new MediaEncoder(_model, _compute);
        session.EncodeMedia(encoder);
        session.Prefill();
        IReadOnlyList<IReadOnlyList<int>> ids;
        if (options.NumBeams > 1)
        {
            // the reference counts the padding of the batch into the length of a beam
            ids = new BeamSearch(options, [.. _rows.Select(_ => _padded)]).Run(session);
        }
        else
        {
            (ids, var steps) = Greedy(session, options);
            if (name == "greedy" && _expected.Has($"{_name}.greedy_step_logits"))
                yield return GreedyLogits(steps, ids, ExpectedIds(run));
        }

        var expected = ExpectedIds(run);
        var length = Math.Max(expected.Max(row => row.Count), ids.Max(row => row.Count));
        var pad = settings.GetProperty("pad_token_id").GetInt32();
        List<int> Flat(IEnumerable<IReadOnlyList<int>> rows, int width) =>
            [.. rows.SelectMany(row => row.Concat(Enumerable.Repeat(pad, width - row.Count)))];
        var report = Comparison.Exact($"{_name}/ids.{name}", Flat(expected, length), Flat(ids, length));
        yield return report.Matches || !IsConverted ? report : MayPart(report, options.NumBeams, gap);
    }

    /// <summary>
    /// Other ids than the reference's after weights were converted: a greedy choice may fall otherwise only where the two
    /// best logits are closer than conversion can move them; beams sum many such choices and are not held to it.
    /// </summary>
    private StageReport MayPart(StageReport report, int beams, double gap)
    {
        if (beams > 1) return report with { Matches = true, Derivation = "not compared: other ids, weights were converted", Detail = null };
        var bound = ConvertedLogitBound();
        return report with
        {
            Matches = gap <= bound,
            Derivation = FormattableString.Invariant($"may part: closest choice {gap:0.000} apart, logits move up to {bound:0.000}"),
        };
    }

    private bool IsConverted => _options.MatrixType is not (null or DType.F32);

    private static List<List<int>> ExpectedIds(JsonElement run) =>
        [.. run.GetProperty("new_token_ids").EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToList())];

    private static (List<IReadOnlyList<int>> Ids, List<float[]> StepLogits) Greedy(TextSession session, GenerationOptions options)
    {
        var generator = new TokenGenerator(session, options, [.. Enumerable.Range(0, session.RowCount).Select(_ => Array.Empty<int>())]);
        var steps = new List<float[]>();
        float[] All() => [.. Enumerable.Range(0, session.RowCount).SelectMany(row => session.Logits(row).ToArray())];
        var logits = All();
        while (generator.MoveNext())
        {
            steps.Add(logits); // [batch, vocabulary]
            generator.Step();
            logits = All();
        }

        return ([.. Enumerable.Range(0, session.RowCount).Select(generator.Ids)], steps);
    }

    /// <summary>Logits along the greedy path; once an id differs from the reference's, the paths have nothing in common.</summary>
    private StageReport GreedyLogits(
        List<float[]> steps, IReadOnlyList<IReadOnlyList<int>> ids, List<List<int>> expectedIds)
    {
        var name = $"{_name}.greedy_step_logits";
        var shape = _expected.ShapeOf(name); // [batch, steps, vocabulary]
        var (count, vocabulary) = (shape.Int(1), shape.Int(2));
        var actual = new float[shape.ElementCount];
        var compared = new bool[shape.ElementCount];
        for (var row = 0; row < _batch; row++)
        {
            var shared = ids[row].Zip(expectedIds[row]).TakeWhile(pair => pair.First == pair.Second).Count();
            for (var step = 0; step < Math.Min(count, Math.Min(ids[row].Count, shared + 1)); step++)
            {
                var to = (row * count + step) * vocabulary;
                steps[step].AsSpan(row * vocabulary, vocabulary).CopyTo(actual.AsSpan(to));
                compared.AsSpan(to, vocabulary).Fill(true);
            }
        }

        var (bound, derivation) = IsConverted ? (ConvertedLogitBound(), "twice the logits' bound") : (LogitCeiling, "1e-4");
        return Comparison.Numbers(
            $"{_name}/greedy_step_logits", _expected.Floats(name), actual, double.PositiveInfinity, derivation, bound, compared);
    }

    private StageReport Likelihood(JsonElement likelihood, int number)
    {
        var completion = likelihood.GetProperty("completion_ids").EnumerateArray().Select(id => id.GetInt32()).ToList();
        var expected = likelihood.GetProperty("token_logprobs").EnumerateArray()
            .SelectMany(row => row.EnumerateArray().Select(p => p.GetSingle())).ToArray(); // [batch, tokens]
        using var encoder = new MediaEncoder(_model, _compute);
        using var requests = new RequestPool(_model, _compute, long.MaxValue, capacity: 0);
        var scorer = new ContinuationScorer(_model, _compute, encoder, requests);
        var actual = _rows.SelectMany(row => scorer.Score(row, [completion], default)[0].TokenLogProbabilities.Select(p => (float)p)).ToArray();
        var bound = IsConverted ? ConvertedLogitBound() : LogitCeiling;
        return Comparison.Numbers($"{_name}/likelihood.{number}", expected, actual, double.PositiveInfinity, IsConverted ? "twice the logits' bound" : "1e-4", bound);
    }

    private double ConvertedLogitBound()
    {
        using var cache = new KvCache(_compute.Device, _model.Language, 1, _padded);
        var graph = _model.TextGraph(cache, 1, null, _padded, _padded);
        var (relative, _) = RoundingBound.Of(graph.LongestPath("logits", Steps), _options.MatrixType, double.PositiveInfinity);
        return 2 * relative * _expected.Floats($"{_name}.logits").Max(Math.Abs);
    }
}
