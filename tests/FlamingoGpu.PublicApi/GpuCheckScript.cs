using System.Diagnostics;
using System.Text.Json;

namespace FlamingoGpu.PublicApi;

/// <summary>
/// The dry run of <c>bench/gpu-check.sh</c>, its two quick stages; the same kernels and fixtures as in the other two
/// are run by tests of their own.
/// </summary>
public sealed class GpuCheckScript
{
    [BashFact]
    public void DryRun_AssembleAndBench_WriteWholeResults()
    {
        var folder = Directory.CreateTempSubdirectory("gpu-check");
        try
        {
            var run = Run(folder.FullName, "assemble", "bench");
            Assert.True(run.ExitCode == 0, run.Text);
            var files = Directory.GetFiles(Path.Combine(folder.FullName, "out")).Select(Path.GetFileName).ToList();
            Assert.Equal(4, files.Count);
            foreach (var stage in (string[])["assemble", "bench"])
            {
                Assert.Single(files, file => file!.EndsWith($"-{stage}.md", StringComparison.Ordinal));
                var json = File.ReadAllText(
                    Directory.GetFiles(Path.Combine(folder.FullName, "out"), $"*-{stage}.json").Single());
                using var document = JsonDocument.Parse(json);
                Assert.Equal(
                    (stage, "virtual", 0, true),
                    (document.RootElement.GetProperty("stage").GetString(),
                        document.RootElement.GetProperty("device").GetString(),
                        document.RootElement.GetProperty("exit_code").GetInt32(),
                            document.RootElement.GetProperty("small").GetBoolean()));
                Assert.Equal(JsonValueKind.Object, document.RootElement.GetProperty(stage).ValueKind);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [BashFact]
    public void DryRun_FailedStage_KeepsItsCodeAndItsText()
    {
        var folder = Directory.CreateTempSubdirectory("gpu-check");
        try
        {
            var run = Run(folder.FullName, "--golden", "/nowhere", "golden");
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains("FAILED", run.Text, StringComparison.Ordinal);
            Assert.Contains("/nowhere",
                File.ReadAllText(Directory.GetFiles(Path.Combine(folder.FullName, "out"), "*-golden.md").Single()),
                StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [BashFact]
    public void UnknownStage_Is2()
    {
        var folder = Directory.CreateTempSubdirectory("gpu-check");
        var run = Run(folder.FullName, "measure");
        folder.Delete(recursive: true);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("unknown argument 'measure'", run.Text, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Text) Run(string folder, params string[] arguments)
    {
        var exe = Path.Combine(folder, "flamingo-run");
        File.WriteAllText(exe, $"#!/bin/sh\nexec dotnet '{Repository.Executable}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(
            exe, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(
            "bash")
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] fixedArguments =
        [
            Path.Combine(Repository.Root, "bench", "gpu-check.sh"), "--exe", exe, "--out", Path.Combine(folder, "out"),
            "--device", "virtual", "--small",
        ];
        foreach (var argument in fixedArguments.Concat(arguments)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>A test that needs bash.</summary>
    private sealed class BashFactAttribute : FactAttribute
    {
        public BashFactAttribute()
        {
            if (OperatingSystem.IsWindows()) Skip = "needs bash";
        }
    }
}
