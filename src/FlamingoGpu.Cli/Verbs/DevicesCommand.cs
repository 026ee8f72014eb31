using FlamingoGpu.Runtime.Cpu;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Cli;

/// <summary><c>devices</c>: what <c>--device</c> can name.</summary>
internal sealed class DevicesCommand : CliCommand
{
    /// <summary>Declares flags.</summary>
    public DevicesCommand()
        : base(
            "devices", "List the devices a model can run on, and for those that cannot be used the reason.",
            "devices", "devices --json") =>
        Take(OutputFlags.Common);

    /// <inheritdoc/>
    public override int Run(Settings settings, CliContext context)
    {
        using var cpu = new CpuDevice();
        var cuda = CudaDevices.Survey();
        var rows = DeviceListing.Rows(cpu, cuda);
        if (settings.Get(OutputFlags.Json))
        {
            JsonOutput.Write(context.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("cuda_driver", cuda.DriverText);
                DeviceListing.Write(json, "devices", rows);
                json.WriteEndObject();
            });
            return ExitCodes.Ok;
        }

        var table = new TextTable("device", "compute", "memory>", "what", "status");
        foreach (var row in rows)
            table.Add(
                row.Name, row.ComputeCapability ?? "", row.MemoryBytes is { } bytes ? Units.Bytes(bytes) : "",
                row.Description, DeviceListing.Status(row));
        table.Write(context.Output);
        return ExitCodes.Ok;
    }
}
