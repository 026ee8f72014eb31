namespace FlamingoGpu.Cli;

/// <summary>
/// Whoever read standard output has left (<c>flamingo-run … | head</c>): nobody wants more, and nothing is wrong.
/// </summary>
internal sealed class OutputClosedException(IOException inner) : Exception("standard output was closed.", inner);
