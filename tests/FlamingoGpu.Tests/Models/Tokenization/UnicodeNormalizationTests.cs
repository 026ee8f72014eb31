using FlamingoGpu.Formats.Tokenizer;
using FlamingoGpu.Models.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Models.Tokenization;

public class UnicodeNormalizationTests
{
    [Theory]
    [InlineData("e\u0301", UnicodeForm.Nfc, "\u00E9")]
    [InlineData("\u00E9", UnicodeForm.Nfd, "e\u0301")]
    [InlineData("\uFB01", UnicodeForm.Nfc, "\uFB01")]
    [InlineData("\uFB01", UnicodeForm.Nfkc, "fi")]
    [InlineData("\u1E9B\u0323", UnicodeForm.Nfc, "\u1E9B\u0323")]
    [InlineData("\u1E9B\u0323", UnicodeForm.Nfd, "\u017F\u0323\u0307")]
    [InlineData("\u1E9B\u0323", UnicodeForm.Nfkc, "\u1E69")]
    [InlineData("\u1E9B\u0323", UnicodeForm.Nfkd, "s\u0323\u0307")]
    [InlineData("\uD55C", UnicodeForm.Nfd, "\u1112\u1161\u11AB")]
    [InlineData("\u1112\u1161\u11AB", UnicodeForm.Nfc, "\uD55C")]
    [InlineData("\uAC00\u11A7", UnicodeForm.Nfc, "\uAC00\u11A7")]
    [InlineData("\u0958", UnicodeForm.Nfc, "\u0915\u093C")] // excluded from composition
    [InlineData("\u0344", UnicodeForm.Nfc, "\u0308\u0301")]
    [InlineData("a\u0315\u0300\u05AE\u0300b", UnicodeForm.Nfc, "\u00E0\u05AE\u0300\u0315b")]
    [InlineData("\u0B47\u0300\u0B3E", UnicodeForm.Nfc, "\u0B47\u0300\u0B3E")] // blocked
    [InlineData("\U0001D15E", UnicodeForm.Nfc, "\U0001D157\U0001D165")]
    [InlineData("\U00011099\U000110BA", UnicodeForm.Nfc, "\U0001109A")]
    [InlineData("\u01D5", UnicodeForm.Nfd, "U\u0308\u0304")]
    public void Normalize_KnownCase_GivesTheForm(string text, UnicodeForm form, string expected) =>
        Assert.Equal(expected, UnicodeNormalization.Normalize(text, form));

    [Fact]
    public void Normalize_AnyText_FulfilsTheIdentitiesOfTheStandard() => Prop.ForAll(AnyText.WellFormed, text =>
    {
        var (nfc, nfd) = (To(text, UnicodeForm.Nfc), To(text, UnicodeForm.Nfd));
        var (nfkc, nfkd) = (To(text, UnicodeForm.Nfkc), To(text, UnicodeForm.Nfkd));
        return nfc == To(nfc, UnicodeForm.Nfc) && nfc == To(nfd, UnicodeForm.Nfc)
            && nfd == To(nfc, UnicodeForm.Nfd) && nfd == To(nfd, UnicodeForm.Nfd)
            && nfkc == To(nfkd, UnicodeForm.Nfkc) && nfkc == To(nfc, UnicodeForm.Nfkc)
            && nfkd == To(nfkc, UnicodeForm.Nfkd) && nfkd == To(nfd, UnicodeForm.Nfkd);
    }).QuickCheckThrowOnFailure();

    private static string To(string text, UnicodeForm form) => UnicodeNormalization.Normalize(text, form);
}
