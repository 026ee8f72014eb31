using FlamingoGpu.Core;
using FlamingoGpu.Models.Tiny;

namespace FlamingoGpu.Cli;

/// <summary><c>tiny</c>: makes the model that ships with the project.</summary>
internal sealed class TinyCommand : CliCommand
{
    private static readonly Flag<ulong?> Seed = Flag.Of(
        "--weights-seed", "N", "Seed of the weights.", "a whole number of at least 0",
        text => ulong.Parse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture), $"{TinyModel.ShippedSeed}");

    /// <summary>Declares flags.</summary>
    public TinyCommand()
        : base(
            "tiny", "Make the shipped model: a complete OpenFlamingo of about a million parameters with random "
                + "weights.",
            "tiny --out weights/flamingo-tiny") =>
        Take(new FlagGroup("Tiny", OutputFlags.Folder, Seed), OutputFlags.Common);

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var folder = settings.Get(OutputFlags.Folder)
            ?? throw new InvalidRequestException("no folder: give --out DIR.");
        TinyModel.Write(folder, settings.Get(Seed) ?? TinyModel.ShippedSeed);
        context.Error.WriteLine($"{folder}: a model with random weights; its answers mean nothing.");
        return ExitCodes.Ok;
    }
}
