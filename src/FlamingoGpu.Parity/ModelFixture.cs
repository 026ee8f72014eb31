using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FlamingoGpu.Models;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Parity;

/// <summary>
/// A whole small model with everything the reference computed on its way: stages of the forward pass, greedy and beam
/// ids, likelihoods. Weights come from the fixture; inputs and ids from its parent for a <c>bf16</c> sub-folder.
/// </summary>
internal static class ModelFixture
{
    /// <summary>Compares one model fixture.</summary>
    /// <param name="weights">Folder with vision, lm, checkpoint and expected.safetensors.</param>
    /// <param name="facts">Folder with fixture.json, inputs.safetensors and expected.json.</param>
    /// <param name="options">Device, conversions and overrides.</param>
    public static FixtureReport Run(string weights, string facts, ParityOptions options)
    {
        var fixture = JsonConfig.Load(Path.Combine(facts, "fixture.json"));
        var stages = new List<StageReport>();
        var safetensors = Path.Combine(weights, "checkpoint.safetensors");
        var torch = Path.Combine(weights, "checkpoint.pt");
        if (File.Exists(safetensors) && File.Exists(torch)) stages.Add(CompareFiles(safetensors, torch));
        FlamingoModel model;
        try
        {
            model = OpenFlamingoLoader.Load(Files(weights), LoadOptions(fixture, options));
        }
        catch (NotSupportedException error)
        {
            return new FixtureReport(weights, stages, [error.Message]);
        }

        using (model)
        using (var compute = ComputeDevice.Open(options.Device, options.Threads))
        using (var inputs = TensorBag.Open(Path.Combine(facts, "inputs.safetensors")))
        using (var expected = TensorBag.Open(Path.Combine(weights, "expected.safetensors")))
        {
            var hasIds = weights == facts; // a bf16 sub-folder states stages only
            var expectedJson = hasIds ? JsonDocument.Parse(File.ReadAllBytes(Path.Combine(facts, "expected.json"))) : null;
            using (expectedJson)
            {
                foreach (var name in fixture.Strings("cases"))
                {
                    var testCase = new ModelCase(name, model, compute, inputs, expected, options);
                    stages.AddRange(testCase.ForwardStages());
                    if (expectedJson is null) continue;
                    var caseFacts = expectedJson.RootElement.GetProperty("cases").EnumerateArray().Single(e => e.GetProperty("name").GetString() == name);
                    stages.AddRange(testCase.GenerationStages(caseFacts));
                }
            }
        }

        return new FixtureReport(weights, stages, []);
    }

    private static ModelFiles Files(string folder) => new()
    {
        Vision = Path.Combine(folder, "vision"),
        Language = Path.Combine(folder, "lm"),
        Checkpoint = new[] { "checkpoint.safetensors", "checkpoint.pt" }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidFileException(folder, "holds no checkpoint.safetensors and no checkpoint.pt."),
    };

    private static LoadOptions LoadOptions(JsonConfig fixture, ParityOptions options) => new()
    {
        MatrixType = options.MatrixType,
        Tokens = new SpecialTokens(fixture.Int("media_token_id"), fixture.Int("eoc_token_id"), fixture.Int("pad_token_id"), Eos: -1),
        Set =
        [
            ("xattn.heads", Text(fixture.Int("xattn_heads", 8))), ("xattn.head_dim", Text(fixture.Int("xattn_dim_head", 64))),
            ("resampler.heads", Text(fixture.Int("xattn_heads", 8))), ("resampler.head_dim", Text(fixture.Int("xattn_dim_head", 64))),
            .. options.Set,
        ],
    };

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The torch archive must hold the same tensors, bit for bit.</summary>
    private static StageReport CompareFiles(string safetensors, string torch)
    {
        using var left = TensorBag.Open(safetensors);
        using var right = TensorBag.Open(torch);
        foreach (var entry in left.Source.Entries)
        {
            var same = right.Source.TryGet(entry.Name, out var other) && other.DType == entry.DType && other.Shape == entry.Shape
                && left.Source.Read(entry).Bytes.SequenceEqual(right.Source.Read(other).Bytes);
            if (!same) return new StageReport("checkpoint.pt", 1, 1, 0, "equal", false, $"tensor '{entry.Name}' differs from checkpoint.safetensors");
        }

        return Comparison.Exact("checkpoint.pt", [.. left.Names.Order()], [.. right.Names.Order()]);
    }
}
