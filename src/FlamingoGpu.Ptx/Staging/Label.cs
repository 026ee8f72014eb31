using System.Globalization;

namespace FlamingoGpu.Ptx;

/// <summary>A place a branch goes to, named by what it ends or begins.</summary>
internal sealed class Label(string stem, int number)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"${stem}{number}");
}
