using FlamingoGpu.Cli;

namespace FlamingoGpu.Tests.Cli;

/// <summary>Flag over environment over configuration file over default.</summary>
public class SettingsTests
{
    [Fact]
    public void Config_Show_NamesValueAndOriginOfEachOption()
    {
        using var folder = new TemporaryFolder();
        var config =
            folder.Write("config.json", """{"temp":0.25,"top-k":5,"seed":12,"stop":["a","b c"],"json":true}""");
        var show = CliRun.With([], [("FLAMINGO_TOP_K", "6"), ("FLAMINGO_TOP_P", "0.5"), ("FLAMINGO_CONFIG", config)], "config", "show", "--top-p", "0.75").Json;
        Assert.Equal(("0.75", "command line"), Read(show, "top-p"));
        Assert.Equal(("6", "FLAMINGO_TOP_K"), Read(show, "top-k"));
        Assert.Equal(("0.25", $"{config}: temp"), Read(show, "temp"));
        Assert.Equal(("12", $"{config}: seed"), Read(show, "seed"));
        Assert.Equal(("a, b c", $"{config}: stop"), Read(show, "stop"));
        Assert.Equal(("true", $"{config}: json"), Read(show, "json"));
        Assert.Equal(("1", "default"), Read(show, "num-beams"));
        Assert.Equal((config, "FLAMINGO_CONFIG"), Read(show, "config"));

        static (string?, string?) Read(System.Text.Json.JsonElement show, string key) =>
            (show.GetProperty(key).GetProperty("value").GetString(), show.GetProperty(key).GetProperty("origin").GetString());
    }

    [Fact]
    public void Generate_ValuesFromEachPlace_CountInOrder()
    {
        using var folder = new TemporaryFolder();
        var config =
            folder.Write("config.json", $$"""{"model":"{{Paths.Tiny}}","max-new-tokens":3,"ignore-eos":true}""");
        Assert.Equal(3, Ids([]));
        Assert.Equal(4, Ids([("FLAMINGO_MAX_NEW_TOKENS", "4")]));
        Assert.Equal(5, Ids([("FLAMINGO_MAX_NEW_TOKENS", "4")], "-n", "5"));
        Assert.Equal(
            4, Ids([("FLAMINGO_MODEL", Paths.Tiny), ("FLAMINGO_MAX_NEW_TOKENS", "4"), ("FLAMINGO_IGNORE_EOS", "on")], "--config", config));

        int Ids((string, string)[] environment, params string[] more) =>
            CliRun.With([], environment, more.Contains("--config")
                ? ["generate", "x", "--json", .. more]
                : ["generate", "x", "--json", "--config", config, .. more]).Json.GetProperty("ids").GetArrayLength();
    }

    [Fact]
    public void Generate_WrongValueInEnvironment_IsNamedAfterIt()
    {
        var run = CliRun.With([], [("FLAMINGO_TEMP", "warm")], "generate", "x", "-m", Paths.Tiny);
        Assert.Equal(2, run.Code);
        Assert.Contains("FLAMINGO_TEMP is 'warm'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_PartsOnCommandLine_BeatFolderInEnvironment()
    {
        var fixture = Paths.Fixture("openflamingo-mpt7b");
        var run = CliRun.With(
            [], [("FLAMINGO_MODEL", Paths.Tiny)], "inspect", "--json",
            "--vision", $"{fixture}/vision", "--lm", $"{fixture}/lm", "--checkpoint", $"{fixture}/checkpoint.safetensors");
        Assert.Equal(0, run.Code);
        Assert.Equal(12, run.Json.GetProperty("options").GetProperty("vision.width").GetInt32());
    }

    [Fact]
    public void Flags_Names_AreUniqueInEveryForm()
    {
        Assert.Distinct(CliApplication.AllFlags.Select(flag => flag.Name));
        Assert.Distinct(CliApplication.AllFlags.Select(flag => flag.Variable));
        foreach (var verb in CliApplication.Verbs)
            Assert.Distinct(verb.Options.SelectMany(option => option.Aliases.Append(option.Name)));
    }

    [Fact]
    public void Reference_Committed_IsWhatTheParserSays()
    {
        var file = File.ReadAllText(Path.Combine(Paths.Root, "docs", "cli.md"));
        Assert.True(file == CliRun.Of("reference").Output, "docs/cli.md is out of date: flamingo-run reference > "
            + "docs/cli.md");
    }

    [Fact]
    public void Completions_EachShell_AskTheParser()
    {
        foreach (var shell in new[] { "bash", "zsh", "fish", "pwsh" })
            Assert.Contains("[suggest:", CliRun.Of("completions", shell).Output, StringComparison.Ordinal);
        var suggestions = CliRun.Of("[suggest:24]", "flamingo-run caption --m");
        Assert.Equal(0, suggestions.Code);
        Assert.Contains("--model", suggestions.Output, StringComparison.Ordinal);
    }
}
