using FlamingoGpu.Core;

namespace FlamingoGpu.Tests.Formats;

/// <summary>A file that must be refused, and what the refusal must say.</summary>
/// <param name="Make">Puts the file into a folder and returns the path to open.</param>
/// <param name="Phrase">Part of the message.</param>
/// <param name="Tensor">The tensor that must be named, if one is concerned.</param>
/// <param name="Offset">The byte that must be named; -1 for any, null for none required.</param>
internal sealed record BadFile(Func<TestFolder, string> Make, string Phrase, string? Tensor = null, long? Offset = null)
{
    public static BadFile Of(byte[] bytes, string phrase, string? tensor = null, long? offset = null, string name = "bad.bin") =>
        new(folder => folder.Write(name, bytes), phrase, tensor, offset);

    /// <summary>Runs what a user would run and judges the refusal.</summary>
    public void Check(Action<string> open)
    {
        using var folder = new TestFolder();
        var path = Make(folder);
        var error = Assert.Throws<InvalidFileException>(() => open(path));
        Assert.Contains(Phrase, error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        if (Tensor is not null) Assert.Equal(Tensor, error.Tensor);
        if (Offset is -1) Assert.NotNull(error.Offset);
        else if (Offset is not null) Assert.Equal(Offset, error.Offset);
    }
}
