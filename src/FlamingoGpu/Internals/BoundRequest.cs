using FlamingoGpu.Core;
using FlamingoGpu.Graph;
using FlamingoGpu.Models;
using FlamingoGpu.Runtime;

namespace FlamingoGpu;

/// <summary>
/// What a request needs of the device and depends on its sizes alone: caches, arena, graphs bound to them, the recorded
/// decode step. Serves one request after another.
/// </summary>
internal sealed class BoundRequest : IDisposable
{
    private readonly bool _records;
    private bool _wasUsed;

    /// <summary>Allocates everything and binds every graph.</summary>
    /// <param name="graphs">Graphs of the request, caches not yet allocated; owned.</param>
    /// <param name="media">Graphs of media; borrowed.</param>
    /// <param name="compute">Where to run.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="choice">How tokens are chosen on the device, or null.</param>
    /// <exception cref="DeviceException">The device has not enough memory.</exception>
    public BoundRequest(
        RequestGraphs graphs, MediaGraphs media, ComputeDevice compute, RequestShape shape, TokenChoice? choice)
    {
        (Graphs, Shape, Choice) = (graphs, shape, choice);
        var (device, kernels) = (compute.Device, compute.Kernels);
        _records = device is IRecordingDevice;
        try
        {
            Graphs.Allocate();
            Arena = new Arena(device, Graphs.ArenaBytes);
            GraphExecutor? Bind(ComputeGraph? graph) => graph is null ? null : new GraphExecutor(graph, kernels, Arena);
            Media = new MediaRuns(media, compute, Arena);
            Project = Bind(Graphs.Project);
            Prefill = Bind(Graphs.Prefill)!;
            Decode = Bind(Graphs.Decode);
            Extend = Bind(Graphs.Extend);
            if (Graphs is { DeviceStep: { } step, State: { } state })
            {
                Decoder = new DeviceDecoder(
                    (IRecordingDevice)device, state, Bind(step)!, shape.Rows, shape.NewTokens - 1,
                    draws: choice!.Temperature > 0);
            }
            else if (Graphs.BeamStep is { } beamStep)
            {
                Beams = new DeviceBeams(Bind(beamStep)!, shape.Replicas);
            }
        }
        catch
        {
            Arena?.Dispose();
            Graphs.Dispose();
            throw;
        }

        Logits = new float[shape.CacheRows * Graphs.Prefill.Outputs["logits"].Shape[^1]];
    }

    /// <summary>
    /// Binds the graphs of a request to nothing, so that a driver that loads concurrently assembles their kernels while
    /// something else is done.
    /// </summary>
    /// <param name="shapes">The model; its weights need not be there.</param>
    /// <param name="compute">The device; its kernels are kept.</param>
    /// <param name="shape">Sizes, as the request will state them.</param>
    public static void BeginLoadingKernels(FlamingoModel shapes, ComputeDevice compute, RequestShape shape)
    {
        using var nowhere = new NullDevice();
        using var graphs = new RequestGraphs(
            shapes, nowhere, shape.Rounded(shapes.Language.Context), compute.Activations, new TokenChoice(), compute.KvCache);
        graphs.Allocate();
        using var arena = new Arena(nowhere, graphs.ArenaBytes);
        foreach (var graph in graphs.All) new GraphExecutor(graph, compute.Kernels, arena).Dispose();
    }

    /// <summary>The sizes.</summary>
    public RequestShape Shape { get; }

    /// <summary>How tokens are chosen on the device, or null.</summary>
    public TokenChoice? Choice { get; }

    /// <summary>Graphs and caches.</summary>
    public RequestGraphs Graphs { get; }

    /// <summary>Memory of all activations.</summary>
    public Arena Arena { get; }

    /// <summary>Pixels to latents.</summary>
    public MediaRuns Media { get; }

    /// <summary>Latents to media keys and values, or null without media.</summary>
    public GraphExecutor? Project { get; }

    /// <summary>The whole prompt.</summary>
    public GraphExecutor Prefill { get; }

    /// <summary>A step whose logits the host reads, or null.</summary>
    public GraphExecutor? Decode { get; }

    /// <summary>Continuations that are scored, or null.</summary>
    public GraphExecutor? Extend { get; }

    /// <summary>The decode loop on the device, or null.</summary>
    public DeviceDecoder? Decoder { get; }

    /// <summary>Beams ranked on the device, or null.</summary>
    public DeviceBeams? Beams { get; }

    /// <summary>Room for the logits of all rows: [cacheRows, vocabulary].</summary>
    public float[] Logits { get; }

    /// <summary>Bytes of device memory.</summary>
    public long ByteLength => Graphs.Cache.ByteLength + (Graphs.MediaKv?.ByteLength ?? 0) + Arena.ByteLength;

    /// <summary>Prepares for a request; prompt and projection are recorded at the second one.</summary>
    public void Start()
    {
        Listen(null);
        if (_wasUsed && _records)
        {
            Project?.Record();
            Prefill.Record();
        }

        _wasUsed = true;
    }

    /// <summary>Sets who hears about every node of all text graphs.</summary>
    public void Listen(IExecutionListener? listener)
    {
        Prefill.Listener = listener;
        if (Decode is not null) Decode.Listener = listener;
        if (Extend is not null) Extend.Listener = listener;
        if (Project is not null) Project.Listener = listener;
        if (Decoder is not null) Decoder.Listener = listener;
        if (Beams is not null) Beams.Listener = listener;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Decoder?.Dispose();
        Beams?.Dispose();
        Decode?.Dispose();
        Extend?.Dispose();
        Prefill.Dispose();
        Project?.Dispose();
        Media.Dispose();
        Arena.Dispose();
        Graphs.Dispose();
    }
}
