namespace FlamingoGpu.Cli;

/// <summary>Columns of text, as wide as their widest cell; numbers to the right.</summary>
/// <param name="header">Titles; one that ends in '&gt;' (not printed) is aligned to the right.</param>
internal sealed class TextTable(params string[] header)
{
    private const string Gap = "  ";
    private readonly bool[] _right = [.. header.Select(title => title.EndsWith('>'))];
    private readonly List<string[]> _rows = [[.. header.Select(title => title.TrimEnd('>'))]];

    /// <summary>Adds a row with as many cells as there are titles.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Prints titles and rows.</summary>
    public void Write(TextWriter output)
    {
        var widths =
            Enumerable.Range(0, _right.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) => _right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }
}
