using System.Runtime.CompilerServices;

namespace FlamingoGpu.Ptx;

/// <summary>A left factor kept in variables, from one step of a loop to the next.</summary>
/// <typeparam name="T">Type of the elements.</typeparam>
public sealed class FragVar<T>
    where T : struct, IDeviceValue<T>
{
    private readonly Var<B32>[] _words;

    /// <summary>A factor of zeros.</summary>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public FragVar([CallerLineNumber] int line = 0, [CallerFilePath] string file = "") =>
        _words = [.. Enumerable.Range(0, 4).Select(_ => DeviceCode.Var<B32>(0u, line, file))];

    /// <summary>The factor at this place of the program.</summary>
    public Frag<T> Value => new(Array.ConvertAll(_words, word => word.Value));

    /// <summary>Gives it a new value.</summary>
    /// <param name="fragment">The value.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <param name="file">Filled in by the compiler.</param>
    public void Set(Frag<T> fragment, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    {
        for (var i = 0; i < _words.Length; i++) _words[i].Set(fragment.Left[i], line, file);
    }
}
