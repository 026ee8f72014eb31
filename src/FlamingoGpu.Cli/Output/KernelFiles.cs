using FlamingoGpu.Checks;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx;

namespace FlamingoGpu.Cli;

/// <summary>Kernels as files.</summary>
internal static class KernelFiles
{
    /// <summary>
    /// Writes <c>NAME.ptx</c> and <c>NAME.dependent.ptx</c> (<see cref="PtxKernel.DependentText"/>) for each kernel,
    /// and an <c>index.json</c> with what a launch needs.
    /// </summary>
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
            .. catalog.Kernels.SelectMany(item => (string[])
            [
                Write(folder, $"{item.Launch.Kernel.Name}.ptx", item.Launch.Kernel.Text),
                Write(folder, $"{item.Launch.Kernel.Name}.dependent.ptx", item.Launch.Kernel.DependentText),
            ]),
            OutputFile.Write(
                Path.Combine(folder, "index.json"), output =>
                    JsonOutput.Write(output, json => KernelOutput.WriteKernels(json, catalog))),
        ];
    }

    private static string Write(string folder, string name, string text) =>
        OutputFile.Write(Path.Combine(folder, name), output => output.Write(text));
}
