using FlamingoGpu.Bench;
using FlamingoGpu.Core;
using FlamingoGpu.Models;

namespace FlamingoGpu.Tests.Bench;

public sealed class DecodeCostTests
{
    [Fact]
    public void Parameters_OpenFlamingo3B_AreThoseOfTheGoal()
    {
        using var model = OpenFlamingo.ShapeOnly(PublishedModels.Find("openflamingo-3b"), DType.BF16);

        Assert.Equal(2_166_966_320, DecodeCost.Parameters(model));
    }

    [Fact]
    public void Parameters_AnyShape_LeaveOutTheVisionSideAndCountTheEmbeddingOnce()
    {
        using var model = OpenFlamingo.ShapeOnly(TinyBench.Config(mosaic: false), DType.BF16);
        var visionSide = model.Weights.Records.Where(record =>
            record.Part is OpenFlamingo.VisionPart or OpenFlamingo.ResamplerPart || record.Name.Contains("to_kv", StringComparison.Ordinal));

        Assert.Equal(
            model.Weights.Records.Sum(record => record.Parameters) - visionSide.Sum(record => record.Parameters), DecodeCost.Parameters(model));
    }

    [Fact]
    public void PrefillFlops_MoreTokens_GrowWithThem()
    {
        using var model = OpenFlamingo.ShapeOnly(PublishedModels.Find("openflamingo-3b"), DType.BF16);
        var perToken = 2.0 * (DecodeCost.Parameters(model) - 50280L * 2048);

        Assert.InRange(DecodeCost.PrefillFlops(model, tokens: 512, images: 1) / (512 * perToken), 1.0, 1.1); // attention and norms on top
    }
}
