namespace FlamingoGpu.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The run failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage.</summary>
    public const int Usage = 2;

    /// <summary>A model or input file is invalid or missing, or of a kind that is not supported.</summary>
    public const int InvalidFile = 3;

    /// <summary>No suitable device, or not enough memory.</summary>
    public const int Device = 4;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>Asked to end by the system.</summary>
    public const int Terminated = 143;
}
