using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FlamingoGpu.Core;
using FlamingoGpu.Parity;

namespace FlamingoGpu.Cli;

/// <summary>
/// <c>parity</c>: compares every stage of golden fixtures with what the reference implementation gave.
/// </summary>
internal sealed class ParityCommand : CliCommand
{
    private readonly Argument<string[]> _fixtures = new("fixture")
    {
        Description = "Fixture folders: of a model, of units, or of preprocessing.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Declares flags and arguments.</summary>
    public ParityCommand()
        : base(
            "parity", "Run golden fixtures and compare every stage with the reference; exit code 1 when one differs.",
            "parity tests/golden/openflamingo-mpt1b tests/golden/openflamingo-mpt7b",
            "parity tests/golden/openflamingo-mpt1b --quirk openclip-post-norm")
    {
        Arguments.Add(_fixtures);
        Take(
            new FlagGroup("Parity", ModelFlags.MatrixType, ModelFlags.Set, ModelFlags.QuirkNames, ModelFlags.Context),
            new FlagGroup("Device", ModelFlags.Device, ModelFlags.Threads), OutputFlags.Common, OutputFlags.Reporting);
    }

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        var options = new ParityOptions
        {
            Device = settings.Get(ModelFlags.Device)!,
            Threads = settings.Get(ModelFlags.Threads),
            MatrixType = settings.Get(ModelFlags.MatrixType),
            Set = ModelFlags.ReadSet(settings),
        };
        var reports = new List<FixtureReport>();
        var invalid = false;
        foreach (var folder in settings.Get(_fixtures))
        {
            try
            {
                reports.AddRange(ParityRunner.Run(folder, options));
            }
            catch (NotSupportedException error)
            {
                reports.Add(new FixtureReport(folder, [], [error.Message]));
            }
            catch (InvalidFileException error)
            {
                context.Error.WriteLine($"error: {error.Message}");
                invalid = true;
            }
        }

        OutputFlags.Print(settings, context, output => WriteText(output, reports, settings.Get(OutputFlags.Verbose)), json => WriteJson(json, reports));
        if (reports.Exists(report => !report.Matches)) return ExitCodes.Failed;
        return invalid || reports.Exists(report => report.Unsupported.Count > 0) ? ExitCodes.InvalidFile : ExitCodes.Ok;
    }

    private static void WriteText(TextWriter output, List<FixtureReport> reports, bool verbose)
    {
        foreach (var report in reports) WriteText(output, report, verbose);
    }

    private static void WriteText(TextWriter output, FixtureReport report, bool verbose)
    {
        output.WriteLine(report.Fixture);
        var table = new TextTable("stage", "max abs>", "max rel>", "bound>", "ratio>", "", "derivation of the bound");
        foreach (var stage in report.Stages)
        {
            table.Add(
                stage.Name, Small(stage.MaxAbsolute), Small(stage.MaxRelative), Small(stage.Bound), stage.Ratio.ToString("0.000", CultureInfo.InvariantCulture),
                stage.Matches ? "ok" : "DIFFERS", stage.Derivation);
        }

        table.Write(output);
        foreach (var stage in report.Stages.Where(stage => stage.Detail is not null && (verbose || !stage.Matches))) output.WriteLine($"{stage.Name}: {stage.Detail}");
        foreach (var part in report.Unsupported) output.WriteLine($"not supported: {part}");
        output.WriteLine(
            report.FirstMismatch is { } first ? $"DIFFERS, first in {first}"
            : report.Unsupported.Count > 0
                ? $"{report.Stages.Count} stages match, {report.Unsupported.Count} not supported"
            : $"all {report.Stages.Count} stages match");
        output.WriteLine();
    }

    private static string Small(double value) => value.ToString("0.00e+00", CultureInfo.InvariantCulture);

    private static void WriteJson(Utf8JsonWriter json, List<FixtureReport> reports)
    {
        json.WriteStartArray();
        foreach (var report in reports)
        {
            json.WriteStartObject();
            json.WriteString("fixture", report.Fixture);
            json.WriteBoolean("matches", report.Matches);
            json.WriteString("first_mismatch", report.FirstMismatch);
            json.WriteStartArray("stages");
            foreach (var stage in report.Stages)
            {
                json.WriteStartObject();
                json.WriteString("name", stage.Name);
                json.WriteFinite("max_absolute", stage.MaxAbsolute);
                json.WriteFinite("max_relative", stage.MaxRelative);
                json.WriteFinite("bound", stage.Bound);
                json.WriteFinite("ratio", stage.Ratio);
                json.WriteBoolean("matches", stage.Matches);
                json.WriteString("derivation", stage.Derivation);
                json.WriteString("detail", stage.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("unsupported");
            foreach (var part in report.Unsupported) json.WriteStringValue(part);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
