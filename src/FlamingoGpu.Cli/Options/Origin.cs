namespace FlamingoGpu.Cli;

/// <summary>Who said what a flag is; later members win.</summary>
internal enum Origin
{
    /// <summary>Nobody.</summary>
    Default,

    /// <summary>The configuration file.</summary>
    Config,

    /// <summary>A variable of the environment.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}
