using FlamingoGpu.Formats;
using FlamingoGpu.Parity;

namespace FlamingoGpu.Golden;

/// <summary>The reference implementations' values, stage by stage, on the cpu device.</summary>
public sealed class ParityTests
{
    [Theory]
    [InlineData("openflamingo-mpt1b", 1)]
    [InlineData("openflamingo-mpt7b", 2)] // f32 and bf16
    [InlineData("units", 1)]
    [InlineData("preprocessing", 1)]
    public void Run_Fixture_EveryStageMatches(string fixture, int expectedReports)
    {
        var reports = ParityRunner.Run(GoldenFolder.Of(fixture), new ParityOptions());

        Assert.Equal(expectedReports, reports.Count);
        foreach (var report in reports)
        {
            Assert.Empty(report.Unsupported);
            Assert.NotEmpty(report.Stages);
            Assert.All(report.Stages, stage => Assert.True(stage.Matches, $"{stage.Name}: {stage.MaxAbsolute} > {stage.Bound} {stage.Detail}"));
        }
    }

    [Theory]
    [InlineData("openflamingo-mpt1b", "two_images/logits", 1e-4)]
    [InlineData("openflamingo-mpt7b", "batch_left_pad/logits", 1e-4)]
    public void Run_Fixture_LogitsBoundIsAbsolute(string fixture, string stage, double ceiling)
    {
        var report = ParityRunner.Run(GoldenFolder.Of(fixture), new ParityOptions())[0];

        Assert.True(report.Stages.Single(s => s.Name == stage).Bound <= ceiling);
    }

    [Theory]
    [InlineData("openflamingo-mpt1b", "bf16")]
    [InlineData("openflamingo-mpt1b", "f16")]
    public void Run_ConvertedWeights_StaysWithinItsOwnBound(string fixture, string dtype)
    {
        var type = Enum.Parse<Core.DType>(dtype, ignoreCase: true);
        var report = ParityRunner.Run(GoldenFolder.Of(fixture), new ParityOptions { MatrixType = type })[0];

        Assert.True(report.Matches, report.FirstMismatch);
        Assert.Contains(report.Stages, stage => stage.Name.EndsWith("/logits", StringComparison.Ordinal) && stage.MaxAbsolute > 1e-4);
    }

    /// <summary>The wider bound of converted weights still notices a wrong model.</summary>
    [Theory]
    [InlineData("f16", "xattn.gate=open")]
    [InlineData("bf16", "xattn.gate=open")]
    [InlineData("f16", "lm.qk_norm=false")]
    [InlineData("bf16", "lm.residual=parallel")]
    public void Run_ConvertedWeightsOfAMutatedModel_Differs(string dtype, string mutation)
    {
        var report = ParityRunner.Run(GoldenFolder.Of("openflamingo-mpt1b"), new ParityOptions
        {
            MatrixType = Enum.Parse<Core.DType>(dtype, ignoreCase: true),
            Set = [(mutation.Split('=')[0], mutation.Split('=')[1])],
        })[0];

        Assert.False(report.Matches);
        Assert.Contains(report.Stages, stage => !stage.Matches && stage.Name.EndsWith("/greedy_step_logits", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openflamingo-neox", "gpt_neox")]
    [InlineData("openflamingo-opt", "opt")]
    [InlineData("openflamingo-llama", "llama")]
    public void Run_LanguageModelNotThereYet_IsNamed(string fixture, string languageModel)
    {
        var report = ParityRunner.Run(GoldenFolder.Of(fixture), new ParityOptions())[0];

        Assert.Contains(languageModel, Assert.Single(report.Unsupported), StringComparison.Ordinal);
    }

    /// <summary>The named stage is the first that differs: the report leads to the mistake.</summary>
    [Theory]
    [InlineData("openflamingo-mpt1b", "vision.activation=gelu_erf", "two_images/vision_tokens")]
    [InlineData("openflamingo-mpt1b", "vision.post_norm=true", "two_images/vision_tokens")]
    [InlineData("openflamingo-mpt1b", "resampler.activation=relu", "two_images/resampler_out")]
    [InlineData("openflamingo-mpt1b", "xattn.mask=all_previous", "two_images/after_xattn.0")]
    [InlineData("openflamingo-mpt1b", "xattn.gate=open", "two_images/after_xattn.0")]
    [InlineData("openflamingo-mpt1b", "xattn.activation=quick_gelu", "two_images/after_xattn.0")]
    [InlineData("openflamingo-mpt1b", "lm.alibi_bias_max=4", "two_images/hidden.0")]
    [InlineData("openflamingo-mpt1b", "lm.qk_norm=false", "two_images/hidden.0")]
    [InlineData("openflamingo-mpt1b", "lm.residual=parallel", "two_images/hidden.0")]
    [InlineData("openflamingo-mpt1b", "lm.softmax_scale=1", "two_images/hidden.0")]
    [InlineData("openflamingo-mpt7b", "vision.activation=gelu_tanh", "two_images/vision_tokens")]
    [InlineData("openflamingo-mpt7b", "xattn.gate=open", "two_images/after_xattn.1")]
    [InlineData("openflamingo-mpt7b", "lm.residual=parallel", "two_images/hidden.0")]
    [InlineData("openflamingo-mpt7b", "lm.alibi_bias_max=16", "two_images/hidden.0")]
    public void Run_MutatedModel_NamesTheFirstAffectedStage(string fixture, string mutation, string stage)
    {
        var (key, value) = (mutation.Split('=')[0], mutation.Split('=')[1]);
        var reports = ParityRunner.Run(GoldenFolder.Of(fixture), new ParityOptions { Set = [(key, value)] });

        Assert.Equal(stage, reports[0].FirstMismatch);
        Assert.All(reports, report => Assert.False(report.Matches)); // the bf16 sub-folder states fewer stages
    }

    [Theory]
    [InlineData("openflamingo-mpt1b")]
    [InlineData("openflamingo-mpt7b")]
    public void Run_OneExpectedNumberOffByTenBounds_FailsThatStage(string fixture)
    {
        using var copy = GoldenFolder.Copy(fixture);
        if (Directory.Exists(Path.Combine(copy.Path, "bf16"))) Directory.Delete(Path.Combine(copy.Path, "bf16"), recursive: true);
        var stages = ParityRunner.Run(copy.Path, new ParityOptions())[0].Stages;
        var file = Path.Combine(copy.Path, "expected.safetensors");
        var original = File.ReadAllBytes(file);
        foreach (var stage in stages)
        {
            if (Locate(file, stage.Name.Replace('/', '.')) is not { } entry) continue; // ids and likelihoods stand in JSON
            var bytes = (byte[])original.Clone();
            var at = (int)(entry.Offset + entry.ByteLength - sizeof(float)); // the last number belongs to a real token
            BitConverter.TryWriteBytes(bytes.AsSpan(at), BitConverter.ToSingle(bytes, at) + Math.Max((float)(10 * stage.Bound), 1e-6f));
            File.WriteAllBytes(file, bytes);

            Assert.Equal(stage.Name, ParityRunner.Run(copy.Path, new ParityOptions())[0].FirstMismatch);
        }
    }

    private static TensorEntry? Locate(string file, string name)
    {
        using var source = TensorSources.Open(file);
        return source.TryGet(name, out var entry) ? entry : null;
    }
}
