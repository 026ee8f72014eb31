using FlamingoGpu.Formats;

namespace FlamingoGpu.Tests.Formats;

internal static class TensorAssert
{
    /// <summary>Same names, types, shapes and bytes; the order may differ.</summary>
    public static void Same(ITensorSource expected, ITensorSource actual)
    {
        Assert.Equal(
            expected.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal),
            actual.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        foreach (var wanted in expected.Entries)
        {
            Assert.True(actual.TryGet(wanted.Name, out var found));
            Assert.Equal((wanted.Name, wanted.DType, wanted.Shape), (found.Name, found.DType, found.Shape));
            Assert.True(
                expected.Read(wanted).Bytes.SequenceEqual(actual.Read(found).Bytes), $"{wanted.Name}: the bytes differ.");
        }
    }
}
