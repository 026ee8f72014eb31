using System.CommandLine;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models;

namespace FlamingoGpu.Cli;

/// <summary><c>convert</c>: tensor files to one safetensors file, or the parts of a model to one folder.</summary>
internal sealed class ConvertCommand : CliCommand
{
    private readonly Argument<string?> _input;
    private readonly Argument<string?> _output;

    /// <summary>Declares flags and arguments.</summary>
    public ConvertCommand()
        : base(
            "convert", "Convert a tensor file or folder to one safetensors file, or merge the parts of a model into "
                + "one folder.",
            "convert checkpoint.pt checkpoint.safetensors --dtype bf16",
            "convert --vision clip --lm mpt-1b --checkpoint checkpoint.pt --out openflamingo-3b --dtype bf16")
    {
        _input = TakeArgument("input", "A safetensors or torch file, shard index or folder.");
        _output = TakeArgument("output", "The safetensors file to write.");
        Take(new FlagGroup("Convert", OutputFlags.Folder), ModelFlags.Files, OutputFlags.Common);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var (input, output, folder) = (settings.Get(_input), settings.Get(_output), settings.Get(OutputFlags.Folder));
        using var progress = new WritingProgress(context, settings.Get(OutputFlags.Json));
        if (folder is not null)
        {
            if (input is not null)
                throw new InvalidRequestException(
                    $"'{input}' and --out exclude each other; the parts of a model are named by options.");
            Merge(settings, context, folder, progress);
            return ExitCodes.Ok;
        }

        if (input is null || output is null)
            throw new InvalidRequestException(
                "convert takes INPUT and OUTPUT.safetensors, or the parts of a model and --out DIR.");
        Convert(settings, context, input, output, progress);
        return ExitCodes.Ok;
    }

    private static void Merge(Settings settings, CliContext context, string folder, WritingProgress progress)
    {
        var options = ModelFlags.Read(settings);
        var files = options.Locate();
        var config = context.Interrupts.RunStoppable(token =>
            OpenFlamingoMerger.Merge(files, folder, options.MatrixType, options.Set, progress, token));
        context.Error.WriteLine(
            $"{folder}: {config.Name}, {Units.Bytes(new FileInfo(Path.Combine(folder, "model.safetensors")).Length)}");
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")) && !File.Exists(Path.Combine(folder, "vocab.json")))
            context.Error.WriteLine("note: no tokenizer was found beside the language model; put tokenizer.json "
                + "there, or give --tokenizer, and convert again.");
    }

    private static void Convert(Settings settings, CliContext context, string input, string output, WritingProgress progress)
    {
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
            throw new InvalidRequestException($"'{output}' would be written over itself; give another output.");
        if (!output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new InvalidRequestException($"the output is '{output}'; expected a name that ends in .safetensors.");
        using var source = TensorSources.Open(input);
        var options = new TensorConversionOptions { DType = settings.Get(ModelFlags.MatrixType) };
        context.Interrupts.RunStoppable(token =>
        {
            TensorConversion.ToSafetensors(source, output, options, progress, token);
            return true;
        });
        context.Error.WriteLine($"{output}: {source.Entries.Count} tensors, "
            + $"{Units.Bytes(new FileInfo(output).Length)}");
    }

    private sealed class WritingProgress(CliContext context, bool json) : IProgress<long>, IDisposable
    {
        private readonly bool _visible = context.ErrorIsTerminal && !json;

        public void Report(long value)
        {
            if (_visible) context.Error.Write($"\rwritten {Units.Bytes(value)}  ");
        }

        public void Dispose()
        {
            if (_visible) context.Error.Write("\r\e[K");
        }
    }
}
