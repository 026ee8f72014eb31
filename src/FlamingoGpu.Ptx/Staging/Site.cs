using System.Globalization;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Where in C# an instruction comes from. Operators cannot know their line (C# gives them no caller information), so
/// they carry the span between the calls before and after them.
/// </summary>
internal readonly record struct Site(string File, int Line, int LastLine, string? Noun = null)
{
    /// <summary>A site from caller information; the path is cut down to its file name on any machine.</summary>
    public static Site At(int line, string file) => new(file[(file.LastIndexOfAny(['/', '\\']) + 1)..], line, line);

    /// <inheritdoc/>
    public override string ToString()
    {
        var lines = Line == LastLine
            ? Line.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{Line}-{LastLine}");
        return Noun is null ? $"{File}:{lines}" : $"{File}:{lines} {Noun}";
    }
}
