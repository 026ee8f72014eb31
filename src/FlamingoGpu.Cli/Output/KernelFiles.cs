using FlamingoGpu.Checks;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>Kernels as files.</summary>
internal static class KernelFiles
{
    /// <summary>Writes one <c>NAME.ptx</c> for each kernel and an <c>index.json</c> with what a launch needs.</summary>
    /// <returns>Paths of the files, the index last.</returns>
    /// <exception cref="FlamingoException">They cannot be written.</exception>
    public static IReadOnlyList<string> Write(KernelCatalog catalog, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FlamingoException($"{folder}: the folder cannot be made: {error.Message}", error);
        }

        return
        [
            .. catalog.Kernels.Select(item => OutputFile.Write(
                Path.Combine(folder, item.Launch.Kernel.Name + ".ptx"), output =>
                    output.Write(item.Launch.Kernel.Text))),
            OutputFile.Write(
                Path.Combine(folder, "index.json"), output =>
                    JsonOutput.Write(output, json => KernelOutput.WriteKernels(json, catalog))),
        ];
    }
}
