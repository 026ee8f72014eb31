using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.PublicApi;

/// <summary>The library sample of the README, compiled and run.</summary>
public sealed class ReadmeSample
{
    [Fact]
    public async Task Sample_ShippedModel_StreamsText()
    {
        Directory.SetCurrentDirectory(Repository.Root);
        var shown = new StringWriter();
        var console = Console.Out;
        Console.SetOut(shown);
        try
        {
            // README: begin
            using var flamingo = Flamingo.Load(new FlamingoOptions { ModelPath = "weights/flamingo-tiny" });
            var picture = flamingo.Prepare(File.ReadAllBytes("weights/pictures/flamingo.jpg"), "flamingo.jpg");
            var prompt = flamingo.Encode(FewShotPrompt.Caption([]), [picture]);
            await foreach (var text in flamingo.StreamAsync(prompt, new GenerationOptions { MaxNewTokens = 20 }))
                Console.Write(text);
            // README: end
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.NotEqual("", shown.ToString());
    }

    [Fact]
    public void Readme_LibrarySample_IsThisCode()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "tests", "FlamingoGpu.PublicApi", "ReadmeSample.cs"));
        var begin = source.IndexOf("// README: begin\n", StringComparison.Ordinal) + "// README: begin\n".Length;
        var sample = source[begin..source.IndexOf("            // README: end", StringComparison.Ordinal)];
        var lines = sample.TrimEnd('\n').Split('\n').Select(line => line.Length > 12 ? line[12..] : line.TrimStart());

        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.Contains(string.Join('\n', lines) + "\n```", readme, StringComparison.Ordinal);
    }
}
