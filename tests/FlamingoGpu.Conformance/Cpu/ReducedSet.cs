using FlamingoGpu.Core;

namespace FlamingoGpu.Conformance.Cpu;

/// <summary>One or a few cases of every op test: small enough for software vectors, odd enough to reach every remainder.</summary>
public static class ReducedSet
{
    public static void Run()
    {
        With<CpuMatMul>(tests =>
        {
            tests.MatMul_PlainF32_IsTheProduct(7, 127, 443);
            tests.MatMul_PlainF32_IsTheProduct(13, 33, 17);
            tests.MatMul_PlainF32_IsTheProduct(31, 70, 129);
            tests.MatMul_HalfWidthWeights_IsTheProduct(DType.BF16, 1, 127, 443);
            tests.MatMul_HalfWidthWeights_IsTheProduct(DType.F16, 5, 33, 65);
            tests.MatMul_HalfWidthWeights_IsTheProduct(DType.F16, 25, 47, 123);
            tests.MatMul_HalfWidthWeights_IsTheProduct(DType.BF16, 25, 47, 123);
            tests.MatMul_WeightAtOddAddress_IsTheProductOrRefused(DType.BF16);
            tests.MatMul_ColumnSlices_IsTheProduct(30);
            tests.MatMul_SpecialHalfValues_AreExact(1);
            tests.MatMul_SpecialHalfValues_AreExact(20);
        });
        With<InterleavedRowsTests>(tests =>
        {
            tests.MatMul_FewRows_IsTheProduct(DType.BF16, 1);
            tests.MatMul_FewRows_IsTheProduct(DType.F16, 7);
            tests.MatMul_FewRows_IsTheProduct(DType.F32, 3);
            tests.MatMul_ManyRows_GivesTheBitsOfRowMajor(DType.BF16);
            tests.Embedding_TableThatIsAlsoTheHead_ReadsItsRowsBeforeAndAfter(DType.BF16);
        });
        With<CpuMatMul>(tests => tests.MatMul_EveryEpilogue_FinishesTheProduct());
        With<CpuActivate>(tests => tests.Activate_EveryFunction_IsTheFunction(7, 443, 0));
        With<CpuActivate>(tests => tests.Activate_NaN_StaysNaN());
        With<CpuNorm>(tests => tests.LayerNorm_AnyShape_HasZeroMeanAndUnitVariance(3, 127, 100, 5));
        With<CpuNorm>(tests => tests.RmsNorm_AnyShape_HasUnitMeanSquare(3, 127, 100, 5));
        With<CpuLogSoftmax>(tests => tests.LogSoftmax_AnyRow_IsNormalised(7, 443, 1));
        With<CpuRotary>(tests => tests.Rotary_AnyPositions_TurnsPairs(2, 7, 3, 80, 80));
        With<CpuAttention>(tests => tests.Attention_AnyShape_IsTheSoftmaxAverage(2, 7, 13, 3, 5));
        With<CpuAttention>(tests => tests.Attention_AnyShape_IsTheSoftmaxAverage(1, 31, 47, 1, 33));
        With<CpuLatentAttention>(tests => tests.LatentAttention_AnyShape_SeesMediaThenLatents(2, 7, 13, 3, 5));
        With<CpuCausalAttention>(tests => tests.CausalAttention_RowsWithDifferentPasts_SeeTheirOwn(7, 3, 5, 13, true));
        With<CpuCausalAttention>(tests => tests.CausalAttention_RowsWithDifferentPasts_SeeTheirOwn(1, 2, 80, 127, false));
        With<CpuCausalAttention>(tests =>
        {
            tests.CausalAttention_NarrowCache_HoldsAndIsAttendedToRounded(1, 4, 80, 130, false, 2, 80, DType.BF16);
            tests.CausalAttention_NarrowCache_HoldsAndIsAttendedToRounded(1, 6, 5, 9, true, 3, 0, DType.F16);
            tests.CausalAttention_NarrowCache_HoldsAndIsAttendedToRounded(7, 3, 5, 13, true, 1, 0, DType.F16);
        });
        With<StoredTypeTests>(tests =>
        {
            tests.Narrow_EveryKindOfFloat_IsTheNearest();
            tests.Interleave_Deinterleaved_IsTheRowAgain();
        });
        With<CpuMediaCrossAttention>(tests => tests.MediaCrossAttention_EveryKindOfSpan_SeesItsMediaOnly(2, 23, 5, 2, 12));
        With<CpuMoving>(tests =>
        {
            foreach (var dtype in new[] { DType.F32, DType.F16, DType.BF16 }) tests.Embedding_AnyIds_WidensTheirRows(dtype);
            tests.AddRows_RunsOfRows_GetTheirTableRow(4, 5, 127, 3);
            tests.AssembleTokens_Images_StartWithTheClassToken(3, 7, 127);
        });
    }

    private static void With<TTests>(Action<TTests> body)
        where TTests : IDisposable, new()
    {
        using var tests = new TTests();
        body(tests);
    }
}
