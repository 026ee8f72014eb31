using System.Globalization;
using System.Text;
using FlamingoGpu.Checks;
using FlamingoGpu.Core;

namespace FlamingoGpu.Cli;

/// <summary>Kernels as files, each under another name first, so that nobody sees half a file.</summary>
internal static class KernelFiles
{
    /// <summary>Writes one <c>NAME.ptx</c> for each kernel and an <c>index.json</c> with what a launch needs.</summary>
    /// <returns>Paths of the files, the index last.</returns>
    /// <exception cref="FlamingoException">They cannot be written.</exception>
    public static IReadOnlyList<string> Write(KernelCatalog catalog, string folder)
    {
        var paths = new List<string>();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (launch, _) in catalog.Kernels)
                paths.Add(Replace(Path.Combine(folder, launch.Kernel.Name + ".ptx"), launch.Kernel.Text));
            using var index = new StringWriter(CultureInfo.InvariantCulture);
            JsonOutput.Write(index, json => KernelOutput.WriteKernels(json, catalog));
            paths.Add(Replace(Path.Combine(folder, "index.json"), index.ToString()));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FlamingoException($"{folder}: the kernels cannot be written: {error.Message}", error);
        }

        return paths;
    }

    private static string Replace(string path, string text)
    {
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        File.WriteAllBytes(partial, Encoding.UTF8.GetBytes(text));
        File.Move(partial, path, overwrite: true);
        return path;
    }
}
