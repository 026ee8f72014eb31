using System.CommandLine;
using FlamingoGpu.Bench;
using FlamingoGpu.Core;
using FlamingoGpu.Profiling;
using FlamingoGpu.Runtime;
using FlamingoGpu.Runtime.Cpu;

namespace FlamingoGpu.Cli;

/// <summary><c>profile</c>: generates, and prints where the time went instead of the text.</summary>
internal sealed class ProfileCommand : CliCommand
{
    private static readonly Flag<string?> Trace = Flag.Text(
        "--trace", "FILE", "Write a timeline for chrome://tracing or Perfetto.");

    private static readonly Flag<string?> Roofline = Flag.Text(
        "--roofline", "FILE", "Draw the kernels under the limits of the device, as SVG.");

    private readonly Argument<string?> _prompt;

    /// <summary>Declares flags and arguments.</summary>
    public ProfileCommand()
        : base(
            "profile", "Run a prompt node by node and print a table by kernel and by module: times from events on a "
                + "GPU, from the clock on the cpu; on the virtual GPU counts, never time.",
            "profile -m weights/flamingo-tiny --image cat.jpg \"<image>An image of\" -n 8",
            "profile -m weights/flamingo-tiny \"An image of\" -n 8 --trace trace.json --roofline roofline.svg")
    {
        _prompt = TakeArgument("prompt", "The prompt, as for generate.");
        Take(
            new FlagGroup("Profile", Trace, Roofline), PromptFlags.Text, PromptFlags.Pictures, ModelFlags.Files,
                SamplingFlags.All,
            ModelFlags.Running, OutputFlags.Common);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var options = SamplingFlags.Read(settings);
        var requests = PromptFlags.ReadRequests(settings, settings.Get(_prompt), context);
        using var session = ModelSession.Load(
            settings, context, AnsweringCommand.LargestRequest(settings, options, requests));
        var device = session.Flamingo.Compute.Device;
        if (settings.Get(Roofline) is not null && device.Name == "virtual")
            throw new InvalidRequestException("--roofline needs times; the virtual GPU only counts.");
        void Answer() => context.Interrupts.RunStoppable(token => session.Flamingo.Answer(
            requests, options, settings.Get(SamplingFlags.MaxNewTokens), settings.Get(PromptFlags.Special), null,
                token));
        // counts are the same each time; times need compiled code and warm caches
        if (device.Name != "virtual") Answer();
        session.Flamingo.Media.Forget();
        using var profiler = Profiler.On(device, Limits(device));
        session.Flamingo.Listener = profiler;
        Answer();
        var profile = profiler.Finish();
        if (settings.Get(OutputFlags.Json)) JsonOutput.Write(
            context.Output, json => ProfileOutput.Write(json, profile));
        else ProfileOutput.Write(context.Output, profile);
        if (settings.Get(Trace) is { } trace) OutputFile.Write(
            trace, output => JsonOutput.Write(output, json => ChromeTrace.Write(json, profile)));
        if (settings.Get(Roofline) is { } roofline) OutputFile.Write(
            roofline, output => output.Write(RooflineSvg.Draw(profile)));
        return ExitCodes.Ok;
    }

    private static Roof? Limits(IDevice device)
    {
        if (device is not CpuDevice cpu) return null;
        var limits = MachineLimits.Measure(cpu);
        return new Roof(limits.BytesPerSecond, limits.FlopsPerSecond, limits.FlopsPerSecond);
    }
}
