using System.Globalization;
using FlamingoGpu.Core;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// What a request takes beside the weights, computed from shapes alone with the code that later runs. Nothing is
/// loaded or allocated.
/// </summary>
/// <param name="WeightBytes">All weights in the type they are used in.</param>
/// <param name="KvCacheBytes">Keys and values of the text.</param>
/// <param name="MediaKeyValueBytes">Keys and values of the media for all gated layers.</param>
/// <param name="ArenaBytes">Activations: the largest of the graphs of the request.</param>
/// <param name="WorkspaceBytes">What the device's kernels keep for themselves.</param>
public sealed record MemoryPlan(long WeightBytes, long KvCacheBytes, long MediaKeyValueBytes, long ArenaBytes, long WorkspaceBytes = 0)
{
    /// <summary>Everything together.</summary>
    public long TotalBytes => WeightBytes + KvCacheBytes + MediaKeyValueBytes + ArenaBytes + WorkspaceBytes;

    /// <summary>Plans a request.</summary>
    /// <param name="model">The model; shapes are enough.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="activations">Type of activations within a block and of the media's keys and values.</param>
    /// <param name="workspaceBytes">What the device's kernels keep for themselves.</param>
    /// <param name="choice">How tokens are chosen on the device, or null when the host does it.</param>
    /// <param name="kvCache">Type of the text's keys and values; null for that of the activations.</param>
    /// <exception cref="InvalidRequestException">Narrow activations with a cache of another type, which no device
    /// has.</exception>
    public static MemoryPlan For(
        FlamingoModel model, RequestShape shape, DType activations = DType.F32, long workspaceBytes = 0,
        TokenChoice? choice = null, DType? kvCache = null)
    {
        if (activations != DType.F32 && (kvCache ?? activations) != activations)
            throw new InvalidRequestException(
                $"a kv cache in {kvCache!.Value.ShortName()} is not possible beside activations in "
                + $"{activations.ShortName()}; use {activations.ShortName()} for both, or activations in f32.");
        using var device = new NullDevice();
        using var graphs = new RequestGraphs(model, device, shape, activations, choice, kvCache);
        return Of(model, graphs, workspaceBytes);
    }

    /// <summary>What a request takes whose graphs are there.</summary>
    internal static MemoryPlan Of(FlamingoModel model, RequestGraphs graphs, long workspaceBytes) => new(
        model.Weights.Records.Sum(record => record.Bytes),
        graphs.Cache.ByteLength,
        graphs.MediaKv?.ByteLength ?? 0,
        graphs.ArenaBytes,
        workspaceBytes);

    /// <summary>Throws when the plan does not fit.</summary>
    /// <param name="availableBytes">Memory of the device that is free.</param>
    /// <param name="deviceName">For the message.</param>
    /// <exception cref="DeviceException">The plan is larger; the message has all figures.</exception>
    public void RequireFits(long availableBytes, string deviceName)
    {
        if (TotalBytes <= availableBytes) return;
        throw new DeviceException(
            $"{deviceName}: this needs {Size(TotalBytes)} (weights {Size(WeightBytes)}, kv cache {Size(KvCacheBytes)}, "
            + $"media keys and values {Size(MediaKeyValueBytes)}, activations {Size(ArenaBytes)}{(WorkspaceBytes > 0 ? $", kernels {Size(WorkspaceBytes)}" : "")}), {Size(availableBytes)} are available. "
            + "Use a smaller context, fewer images or beams, or a model in a smaller dtype.");
    }

    private static string Size(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB");
}
