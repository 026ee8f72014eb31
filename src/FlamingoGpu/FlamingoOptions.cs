using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu;

/// <summary>What to load and where to run it.</summary>
public sealed record FlamingoOptions
{
    /// <summary>A model folder, or null when the three parts are given.</summary>
    public string? ModelPath { get; init; }

    /// <summary>File or folder of the vision tower, instead of <see cref="ModelPath"/>.</summary>
    public string? VisionPath { get; init; }

    /// <summary>File or folder of the language model.</summary>
    public string? LanguagePath { get; init; }

    /// <summary>File or folder of the checkpoint.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Folder or file of the tokenizer, or null for the one of the model.</summary>
    public string? TokenizerPath { get; init; }

    /// <summary>Device name: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>virtual</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of the cpu device, or null for all cores.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Type of activations between the ops of a block, or null: f32 on the cpu; on a GPU the type of most matrices. The
    /// residual stream and all sums are f32 in any case.
    /// </summary>
    public DType? Activations { get; init; }

    /// <summary>
    /// Type of the key-value cache of the text, or null: as <see cref="Activations"/> if they are given, else the type of
    /// most matrices. Half the bytes for every token to read; keys and values are rounded to it once. A GPU keeps the
    /// cache in the type of its activations.
    /// </summary>
    public DType? KvCache { get; init; }

    /// <summary>Type to convert matrices to, or null to use them as stored.</summary>
    public DType? MatrixType { get; init; }

    /// <summary>Model options to change, as (<see cref="FlamingoConfigKeys"/> name, value).</summary>
    public IReadOnlyList<(string Key, string Value)> Set { get; init; } = [];

    /// <summary>
    /// Uses weights where the file is mapped instead of copying large ones into huge pages. Loading is faster and other
    /// processes share the memory; decoding is slower (pages of 4 KiB). Also done when the
    /// copies would not leave a fifth of the memory free.
    /// </summary>
    public bool MapWeights { get; init; }

    /// <summary>Looks at every weight once while loading and refuses NaN and infinity.</summary>
    public bool CheckWeights { get; init; } = true;

    /// <summary>
    /// Bytes that weights and requests together may take; null is all memory of the machine. Mapped weights count in
    /// full although the system could drop their pages: a model that does not fit is read from disk for every token.
    /// </summary>
    public long? MemoryLimit { get; init; }

    /// <summary>The largest request to expect, to refuse before loading what would not fit; null plans weights alone.</summary>
    public RequestShape? LargestRequest { get; init; }

    /// <summary>The files the paths lead to.</summary>
    /// <exception cref="InvalidRequestException">Neither a folder nor all three parts are given, or both.</exception>
    /// <exception cref="InvalidFileException">The folder is no model.</exception>
    public ModelFiles Locate()
    {
        var parts = new[] { VisionPath, LanguagePath, CheckpointPath };
        if (ModelPath is not null)
        {
            if (parts.Any(part => part is not null))
                throw new InvalidRequestException("--model and --vision, --lm, --checkpoint exclude each other; give the folder or the three parts.");
            var files = ModelFiles.Locate(ModelPath);
            return TokenizerPath is null ? files : files with { Tokenizer = TokenizerPath };
        }

        if (parts.Any(part => part is null))
            throw new InvalidRequestException("no model: give --model FOLDER, or all of --vision, --lm and --checkpoint.");
        return new ModelFiles
        {
            Vision = VisionPath!,
            Language = LanguagePath!,
            Checkpoint = CheckpointPath!,
            Tokenizer = TokenizerPath,
        };
    }
}
