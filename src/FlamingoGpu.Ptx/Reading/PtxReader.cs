using System.Globalization;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>
/// Reads PTX text strictly: every instruction must be one of the known forms with operands of the right type and
/// width, every register declared, every label and variable defined once, every fixed address aligned, and the
/// <c>.version</c> and <c>.target</c> high enough. It accepts the part of PTX that kernels for sm_80 and sm_90a need; everything
/// else (functions, nested scopes, textures, instructions of later chips …) is refused by name. It shares nothing with
/// the code that writes PTX, so that one cannot hide the other's mistakes.
/// </summary>
public static class PtxReader
{
    private const int MaximumTextLength = 64 << 20;

    /// <summary>Reads and checks a text.</summary>
    /// <exception cref="PtxException">The text is not legal; lists everything found, in order.</exception>
    public static PtxModule Read(string text)
    {
        var (module, errors) = Parse(text);
        return errors.Count == 0 ? module! : throw new PtxException(errors);
    }

    /// <summary>What is wrong with a text; empty when it is legal.</summary>
    public static IReadOnlyList<PtxError> Check(string text) => Parse(text).Errors;

    private static (PtxModule? Module, IReadOnlyList<PtxError> Errors) Parse(string text)
    {
        if (text.Length > MaximumTextLength)
        {
            return (null, [new PtxError(1, $"the text has {text.Length.ToString(CultureInfo.InvariantCulture)} "
                + $"characters, at most {MaximumTextLength} are read.", null, null, null)]);
        }

        var lexer = new PtxLexer(text);
        lexer.Run();
        if (lexer.Error is { } error) return (null, [error]);
        var parser = new ModuleParser(lexer);
        return (parser.Parse(), parser.Errors);
    }
}
