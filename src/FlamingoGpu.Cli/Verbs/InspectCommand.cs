using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models;

namespace FlamingoGpu.Cli;

/// <summary>
/// <c>inspect</c>: what a model, a published shape or a tensor file holds. Reads headers, never weights.
/// </summary>
internal sealed class InspectCommand : CliCommand
{
    private static readonly Flag<bool> Stats = Flag.Switch(
        "--stats", "For tensor files: smallest, largest and mean element, and how many are not finite.");
    private readonly Argument<string?> _path;

    /// <summary>Declares flags and arguments.</summary>
    public InspectCommand()
        : base(
            "inspect", "Show parts, parameter counts, options and memory plan of a model, or list the tensors of a "
                + "file.",
            "inspect weights/flamingo-tiny",
            "inspect --shape openflamingo-9b --dtype bf16 --ctx-size 2048 --images 32",
            "inspect weights/flamingo-tiny/model.safetensors --stats")
    {
        _path = TakeArgument("path", "Model folder, or a safetensors or torch file, shard index or folder.");
        Take(
            ModelFlags.Files, new FlagGroup("Inspect", ModelFlags.Shape, Stats, ModelFlags.Images, SamplingFlags.NumBeams, ModelFlags.Activations,
                ModelFlags.KvCache), OutputFlags.Common);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var path = settings.Get(_path);
        if (settings.Get(ModelFlags.Shape) is { } name)
        {
            if (path is not null) throw new InvalidRequestException($"--shape {name} and '{path}' exclude each other.");
            var config = PublishedModels.Find(name);
            foreach (var (key, value) in ModelFlags.ReadSet(settings)) config = FlamingoConfigKeys.Set(config, key, value);
            using var shapes = OpenFlamingo.ShapeOnly(config, settings.Get(ModelFlags.MatrixType) ?? DType.F32);
            return Print(settings, context, shapes);
        }

        if (path is not null && !IsModelFolder(path)) return PrintTensors(settings, context, path);
        var options = ModelFlags.Read(settings);
        if (path is not null) options = options with { ModelPath = path, VisionPath = null, LanguagePath = null, CheckpointPath = null };
        using var model = OpenFlamingoLoader.Load(
            options.Locate(), new LoadOptions { MatrixType = options.MatrixType, Set = options.Set, HeadersOnly = true });
        return Print(settings, context, model);
    }

    private static bool IsModelFolder(string path) =>
        File.Exists(Path.Combine(path, ModelFiles.ManifestName)) || Path.Exists(Path.Combine(path, "vision"));

    private static int Print(Settings settings, CliContext context, FlamingoModel model)
    {
        var summary = ModelSummary.Of(model);
        var shape = PlannedShape(settings, model);
        var activations = settings.Get(ModelFlags.Activations);
        var kvCache = settings.Get(ModelFlags.KvCache) ?? activations ?? model.Weights.MatrixType;
        var plan = MemoryPlan.For(model, shape, activations ?? DType.F32, kvCache: kvCache);
        if (settings.Get(OutputFlags.Json)) JsonOutput.Write(context.Output, json => WriteJson(json, model, summary, shape, plan));
        else WriteText(context.Output, model, summary, shape, plan);
        return ExitCodes.Ok;
    }

    private static RequestShape PlannedShape(Settings settings, FlamingoModel model)
    {
        var context = settings.Get(ModelFlags.Context) ?? model.Language.Context;
        var (images, beams) = (settings.Get(ModelFlags.Images) ?? 1, settings.Get(SamplingFlags.NumBeams) ?? 1);
        if (images < 0) throw new InvalidRequestException($"--images is {images}; it must be at least 0.");
        if (beams is < 1 or > 64) throw new InvalidRequestException($"--num-beams is {beams}; it must be 1 to 64.");
        return new RequestShape(Rows: 1, PromptTokens: Math.Max(1, context - 1), NewTokens: 1, images, Replicas: beams);
    }

    private static void WriteText(TextWriter output, FlamingoModel model, ModelSummary summary, RequestShape shape, MemoryPlan plan)
    {
        output.WriteLine($"{model.Config.Name} (openflamingo)");
        output.WriteLine();
        var parts = new TextTable("part", "tensors>", "parameters>", "bytes>", "types");
        foreach (var part in summary.Parts)
        {
            parts.Add(
                part.Name, Units.Count(part.Tensors), Units.Count(part.Parameters), Units.Bytes(part.Bytes), Types(part));
            if (part.Name == OpenFlamingo.GatedPart)
                parts.Add(
                    $"  one of {summary.GatedBlocks} blocks", "", Units.Count(summary.GatedBlockParameters), "", "");
        }

        parts.Add("trainable", "", Units.Count(summary.TrainableParameters), "", "");
        parts.Add(
            "total", Units.Count(summary.Parts.Sum(part => part.Tensors)), Units.Count(summary.TotalParameters), Units.Bytes(summary.TotalBytes), "");
        parts.Write(output);
        output.WriteLine();
        output.WriteLine(
            $"memory for {shape.Context} tokens, {shape.Media} image{(shape.Media == 1 ? "" : "s")}, {shape.Replicas} beam{(shape.Replicas == 1 ? "" : "s")}");
        var memory = new TextTable("", "bytes>");
        memory.Add("weights", Units.Bytes(plan.WeightBytes));
        memory.Add("kv cache", Units.Bytes(plan.KvCacheBytes));
        memory.Add("media keys and values", Units.Bytes(plan.MediaKeyValueBytes));
        memory.Add("activations", Units.Bytes(plan.ArenaBytes));
        memory.Add("total", Units.Bytes(plan.TotalBytes));
        memory.Add("this machine has", Units.Bytes(MachineMemory.TotalBytes));
        memory.Write(output);
        output.WriteLine();
        var options = new TextTable("option", "value", "takes");
        foreach (var key in FlamingoConfigKeys.All) options.Add(key.Name, Value(key.Get(model.Config)), key.Values);
        options.Write(output);
    }

    private static string Types(ModelPart part) =>
        string.Join(", ", part.BytesByType.Select(item => $"{item.Type.ShortName()} {Units.Bytes(item.Bytes)}"));

    private static string Value(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    private static void WriteJson(Utf8JsonWriter json, FlamingoModel model, ModelSummary summary, RequestShape shape, MemoryPlan plan)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Config.Name);
        json.WriteString("family", "openflamingo");
        json.WriteStartArray("parts");
        foreach (var part in summary.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteNumber("tensors", part.Tensors);
            json.WriteNumber("parameters", part.Parameters);
            json.WriteNumber("bytes", part.Bytes);
            json.WriteStartObject("bytes_by_type");
            foreach (var (type, bytes) in part.BytesByType) json.WriteNumber(type.ShortName(), bytes);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("gated_blocks", summary.GatedBlocks);
        json.WriteNumber("gated_block_parameters", summary.GatedBlockParameters);
        json.WriteNumber("trainable_parameters", summary.TrainableParameters);
        json.WriteNumber("total_parameters", summary.TotalParameters);
        json.WriteNumber("total_bytes", summary.TotalBytes);
        json.WriteStartObject("memory");
        json.WriteNumber("context", shape.Context);
        json.WriteNumber("images", shape.Media);
        json.WriteNumber("beams", shape.Replicas);
        json.WriteNumber("weight_bytes", plan.WeightBytes);
        json.WriteNumber("kv_cache_bytes", plan.KvCacheBytes);
        json.WriteNumber("media_key_value_bytes", plan.MediaKeyValueBytes);
        json.WriteNumber("activation_bytes", plan.ArenaBytes);
        json.WriteNumber("total_bytes", plan.TotalBytes);
        json.WriteNumber("machine_bytes", MachineMemory.TotalBytes);
        json.WriteEndObject();
        json.WriteStartObject("options");
        foreach (var key in FlamingoConfigKeys.All)
        {
            json.WritePropertyName(key.Name);
            switch (key.Get(model.Config))
            {
                case int number: json.WriteNumberValue(number); break;
                case double number: json.WriteNumberValue(number); break;
                case bool flag: json.WriteBooleanValue(flag); break;
                case var text: json.WriteStringValue((string)text); break;
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static int PrintTensors(Settings settings, CliContext context, string path)
    {
        using var source = TensorSources.Open(path);
        var rows = source.Entries.Select(entry => (Entry: entry, Statistics: settings.Get(Stats) ? TensorStatistics.Of(entry, source.Read(entry)) : null));
        if (settings.Get(OutputFlags.Json)) JsonOutput.Write(context.Output, json => WriteTensors(json, path, rows));
        else WriteTensors(context.Output, source, settings.Get(Stats), rows);
        return ExitCodes.Ok;
    }

    private static void WriteTensors(
        TextWriter output, ITensorSource source, bool stats, IEnumerable<(TensorEntry Entry, TensorStatistics? Statistics)> rows)
    {
        var table = stats
            ? new TextTable("tensor", "type", "shape", "bytes>", "min>", "max>", "mean>", "not finite>")
            : new TextTable("tensor", "type", "shape", "bytes>");
        foreach (var (entry, statistics) in rows)
        {
            string[] cells = [entry.Name, entry.DType.ShortName(), entry.Shape.ToString(), Units.Count(entry.ByteLength)];
            if (stats)
            {
                cells = statistics is null
                    ? [.. cells, "", "", "", ""]
                    : [.. cells, Units.Number(statistics.Minimum), Units.Number(statistics.Maximum), Units.Number(statistics.Mean), Units.Count(statistics.NonFiniteCount)];
            }

            table.Add(cells);
        }

        table.Write(output);
        output.WriteLine($"{Units.Count(source.Entries.Count)} tensors, "
            + $"{Units.Count(source.Entries.Sum(entry => entry.Shape.ElementCount))} elements, "
            + $"{Units.Bytes(source.Entries.Sum(entry => entry.ByteLength))}");
    }

    private static void WriteTensors(Utf8JsonWriter json, string path, IEnumerable<(TensorEntry Entry, TensorStatistics? Statistics)> rows)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteStartArray("tensors");
        foreach (var (entry, statistics) in rows)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("type", entry.DType.ShortName());
            json.WriteNumbers("shape", entry.Shape);
            json.WriteNumber("bytes", entry.ByteLength);
            json.WriteString("file", entry.File);
            json.WriteNumber("offset", entry.Offset);
            if (statistics is not null)
            {
                json.WriteFinite("min", statistics.Minimum);
                json.WriteFinite("max", statistics.Maximum);
                json.WriteFinite("mean", statistics.Mean);
                json.WriteNumber("not_finite", statistics.NonFiniteCount);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
