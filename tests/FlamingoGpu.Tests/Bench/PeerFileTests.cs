using FlamingoGpu.Bench.Gpu;
using FlamingoGpu.Core;
using FlamingoGpu.Tests.Cli;

namespace FlamingoGpu.Tests.Bench;

public class PeerFileTests
{
    private const string Text = """
        {"meta": {}, "sections": {
          "gemm": {"rows": [
            {"name": "square", "m": 4096, "n": 4096, "k": 4096, "tflops": 700.5, "ok": true},
            {"name": "square+bias", "m": 4096, "n": 4096, "k": 4096, "tflops": 900},
            {"name": "broken", "error": "out of memory"}]},
          "attention": {"rows": [
            {"name": "causal128.B8.S2048", "b": 8, "h": 16, "sq": 2048, "sk": 2048, "d": 128, "best": "flash",
             "backends": {"flash": {"us": 1000}, "math": {"us": 9000}}},
            {"name": "vit.B8", "b": 8, "h": 16, "sq": 257, "sk": 257, "d": 64, "best": "cudnn", "backends": {"cudnn": {"us": 50}}}]},
          "ceilings": {"rows": [{"name": "copy_memcpy", "gbps": 4100}, {"name": "copy_kernel", "gbps": 4200}]},
          "models": {"rows": [
            {"name": "3B decode graph B1", "tokens_per_s": 500}, {"name": "3B decode compiled B1", "tokens_per_s": 600},
            {"name": "3B decode compiled B8", "tokens_per_s": 3000},
            {"name": "3B ttft 1+32", "vision_us": 900, "lm_us": 1600}]}}}
        """;

    [Fact]
    public void Find_KnownShapes_TakesTheBestPlainFigure()
    {
        using var folder = new TemporaryFolder();
        var peers = new PeerFile(folder.Write("peers.json", Text));
        Assert.Equal(("square", 700.5), peers.Find(Shape("square 4096x4096x4096")));
        Assert.Null(peers.Find(Shape("square 8192x8192x8192")));
        Assert.Equal(("copy_kernel", 4200), peers.Find(Shape("copy 16384x8192 f32")));
        var causal = peers.Find(Shape("attention causal 8x2048 16x128"))!.Value;
        // halved operations in a millisecond
        Assert.Equal(2.0 * 8 * 16 * 2048 * 2048 * 128 / 1e12 / 1e-3, causal.Value, 6);
        Assert.Null(peers.Find(Shape("attention causal alibi 8x2048 16x128")));
        Assert.Equal("vit.B8", peers.Find(Shape("attention vit.B8 8x257 16x64"))!.Value.Name);
    }

    [Fact]
    public void FindModel_DecodeAndFirstToken_TakesTheBest()
    {
        using var folder = new TemporaryFolder();
        var peers = new PeerFile(folder.Write("peers.json", Text));
        Assert.Equal(("3B decode compiled B1", 600), peers.FindModel("openflamingo-3b decode @512", "tokens/s"));
        Assert.Equal(("3B ttft 1+32", 2.5), peers.FindModel("openflamingo-3b ttft 1+32", "ms"));
        Assert.Null(peers.FindModel("openflamingo-3b ttft 9+512", "ms"));
        Assert.Null(peers.FindModel("flamingo-tiny decode @8", "tokens/s"));
    }

    [Fact]
    public void Read_AnotherDocument_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<InvalidFileException>(() => new PeerFile(folder.Write("peers.json", "{\"rows\": []}")));
    }

    private static GpuShape Shape(string name) => GpuShape.Full.Single(shape => shape.Name == name);
}
