using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models.Prompts;
using FlamingoGpu.Models.Tokenization;

namespace FlamingoGpu.Models;

/// <summary>
/// Merges the published parts of an OpenFlamingo into one folder: all weights in one safetensors file under the names of
/// a full open_flamingo state dict, every option in <c>flamingo.json</c>, and the tokenizer with Flamingo's tokens. Only
/// what the model uses is copied. Without a conversion, logits stay the same to the bit.
/// </summary>
public static class OpenFlamingoMerger
{
    /// <summary>Merges.</summary>
    /// <param name="files">The parts; also a folder that is merged already.</param>
    /// <param name="folder">Folder to write; made if it does not exist. None of the parts may lie directly in
    /// it.</param>
    /// <param name="matrixType">Type to convert matrices to, or null to keep them as stored.</param>
    /// <param name="set">Options to change, as (<see cref="FlamingoConfigKeys"/> name, value); the manifest states
    /// them.</param>
    /// <param name="progress">Told the number of weight bytes written so far.</param>
    /// <param name="cancellation">Stops between pieces; the folder then has no new file.</param>
    /// <returns>The options of the merged model.</returns>
    /// <exception cref="InvalidFileException">A part is damaged, or the parts do not belong together.</exception>
    /// <exception cref="InvalidRequestException">The folder holds one of the parts.</exception>
    /// <exception cref="FlamingoException">The folder cannot be written.</exception>
    public static FlamingoConfig Merge(
        ModelFiles files, string folder, DType? matrixType = null, IReadOnlyList<(string Key, string Value)>? set = null,
        IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        RefuseOwnParts(files, folder);
        var tokenizer = FlamingoTokenizer.TryLoad(files);
        using var model = OpenFlamingoLoader.Load(files, new LoadOptions
        {
            HeadersOnly = true,
            MatrixType = matrixType,
            Set = set ?? [],
            Tokens = tokenizer is null ? null : SpecialTokens.Find(tokenizer),
        });
        var config =
            model.Config with { Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) };
        using var sources = new PartSources(files);
        var tensors = new List<TensorToWrite>();
        foreach (var part in model.Weights.Records.GroupBy(record => record.Part))
        {
            var records = part.ToList();
            tensors.AddRange(part.Key switch
            {
                OpenFlamingo.VisionPart => Vision(sources.Vision, records, matrixType),
                OpenFlamingo.LanguagePart => Language(sources.Language, records, matrixType),
                _ => records.Select(record => Copy(sources.Checkpoint, record, record.Name, matrixType)),
            });
        }

        ModelFolder.Write(folder, config, tensors, MergedTokenizer.Make(files, tokenizer), note: null, progress, cancellation);
        return config;
    }

    private static IEnumerable<TensorToWrite> Vision(ITensorSource source, List<WeightRecord> records, DType? matrixType)
    {
        const string openFirst = "conv1.weight", huggingFaceFirst = "embeddings.patch_embedding.weight";
        var first = records[0].Name; // the tower asks for its patch embedding first
        if (first.EndsWith(openFirst, StringComparison.Ordinal))
        {
            var prefix = first[..^openFirst.Length];
            return records.Select(record => Copy(source, record, $"vision_encoder.{record.Name[prefix.Length..]}", matrixType));
        }

        var own = first[..^huggingFaceFirst.Length];
        return records
            .Where(record => !record.Name.Contains(".k_proj.", StringComparison.Ordinal) && !record.Name.Contains(".v_proj.", StringComparison.Ordinal))
            .Select(record =>
            {
                var name = $"vision_encoder.{ClipNames.ToOpenClip(record.Name[own.Length..])}";
                return record.Name.Contains(".q_proj.", StringComparison.Ordinal)
                    ? Fused(source, record, name, matrixType)
                    : Copy(source, record, name, matrixType);
            });
    }

    private static IEnumerable<TensorToWrite> Language(ITensorSource source, List<WeightRecord> records, DType? matrixType)
    {
        const string firstLayer = "blocks.0.", layer = "decoder_layer.", target = "lang_encoder.transformer.";
        var prefix = records[0].Name[..records[0].Name.IndexOf(firstLayer, StringComparison.Ordinal)];
        return records.Select(record =>
        {
            var name = record.Name[prefix.Length..]; // blocks.3.attn.Wqkv.weight, or norm_f.weight
            var words = name.Replace(layer, "", StringComparison.Ordinal).Split('.', 3);
            return Copy(source, record, target + (words[0] == "blocks" ? $"blocks.{words[1]}.{layer}{words[2]}" : name), matrixType);
        });
    }

    /// <summary>Only what the model uses as a matrix is converted; norms, biases and gates keep their type.</summary>
    private static TensorToWrite Copy(ITensorSource source, WeightRecord record, string name, DType? matrixType)
    {
        source.TryGet(record.Name, out var entry);
        return TensorConversion.ToWrite(source, entry!, name, record.DType == matrixType ? matrixType : null);
    }

    /// <summary>Query, key and value projections, one after the other in one tensor.</summary>
    private static TensorToWrite Fused(ITensorSource source, WeightRecord query, string name, DType? matrixType)
    {
        var parts = ClipNames.FusedProjections
            .Select(projection => Copy(source, query with { Name = query.Name.Replace("q_proj", projection, StringComparison.Ordinal) }, name, matrixType))
            .ToList();
        var dtype = parts[0].DType;
        if (parts.Exists(part => part.DType != dtype))
            throw new InvalidFileException(
                source.Location, "has another type than the projections beside it; convert it to one type first.", query.Name);
        var rows = parts.Sum(part => part.Shape[0]);
        var shape = parts[0].Shape.Rank == 1 ? Shape.Create([rows]) : Shape.Create([rows, parts[0].Shape[1]]);
        return new TensorToWrite(name, dtype, shape, stream => parts.ForEach(part => part.WriteData(stream)));
    }

    private static void RefuseOwnParts(ModelFiles files, string folder)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        foreach (var part in new[] { files.Vision, files.Language, files.Checkpoint })
        {
            var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(part));
            if (path == target || (File.Exists(path) && Path.GetDirectoryName(path) == target))
                throw new InvalidRequestException(
                    $"the model would be written over its own part {part}; give another folder.");
        }
    }

    private sealed class PartSources : IDisposable
    {
        private readonly List<ITensorSource> _open = [];

        public PartSources(ModelFiles files)
        {
            try
            {
                Checkpoint = Open(files.Checkpoint);
                Vision = files.Vision == files.Checkpoint ? Checkpoint : Open(files.Vision);
                Language = files.Language == files.Checkpoint ? Checkpoint : Open(files.Language);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public ITensorSource Checkpoint { get; }

        public ITensorSource Vision { get; }

        public ITensorSource Language { get; }

        public void Dispose() => _open.ForEach(source => source.Dispose());

        private ITensorSource Open(string path)
        {
            var source = TensorSources.Open(path);
            _open.Add(source);
            return source;
        }
    }
}
