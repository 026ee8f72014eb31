using System.Diagnostics;

namespace FlamingoGpu.Cli;

/// <summary>A model loaded as the flags say, with progress on a terminal.</summary>
internal sealed class ModelSession : IDisposable
{
    private ModelSession(Flamingo flamingo, TimeSpan loadTime, KernelTally kernels) =>
        (Flamingo, LoadTime, Kernels) = (flamingo, loadTime, kernels);

    /// <summary>The model.</summary>
    public Flamingo Flamingo { get; }

    /// <summary>How long loading took.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>What ran; counts with <c>--verbose</c> only.</summary>
    public KernelTally Kernels { get; }

    /// <summary>Times of the last request and of loading.</summary>
    public RunReport Report => new(LoadTime, Flamingo.LastTimings);

    /// <summary>Loads.</summary>
    /// <param name="settings">The flags.</param>
    /// <param name="context">Where progress goes.</param>
    /// <param name="largest">The largest request to come, or null when it is not known.</param>
    public static ModelSession Load(Settings settings, CliContext context, RequestShape? largest = null)
    {
        var options = ModelFlags.Read(settings) with { LargestRequest = largest };
        var visible = context.ErrorIsTerminal && !settings.Get(OutputFlags.Json);
        var start = Stopwatch.GetTimestamp();
        Flamingo flamingo;
        using (var progress = new LoadingProgress(context.Error, visible, "checking weights")) flamingo = Flamingo.Load(options, progress);
        var kernels = new KernelTally();
        if (settings.Get(OutputFlags.Verbose))
        {
            flamingo.Listener = kernels;
            context.Error.WriteLine($"{flamingo.Model.Config.Name} on {flamingo.Compute.Device.Description}");
        }

        if (flamingo.Model.Config.Note is { } note && (visible || settings.Get(OutputFlags.Verbose))) context.Error.WriteLine($"note: {flamingo.Model.Config.Name}: {note}");
        return new ModelSession(flamingo, Stopwatch.GetElapsedTime(start), kernels);
    }

    /// <inheritdoc/>
    public void Dispose() => Flamingo.Dispose();
}
