using System.Runtime.InteropServices;

namespace FlamingoGpu.Cli;

/// <summary>
/// Ctrl-C and SIGTERM. While something that can stop gently is running, the first signal stops it and the second ends
/// the process; at all other times the first ends it.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private bool _signalled;

    private Interrupts(bool listen) => _registrations = listen
        ? [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)]
        : [];

    /// <summary>What the process ends with when it was stopped.</summary>
    public int ExitCode { get; private set; } = ExitCodes.Interrupted;

    /// <summary>Listens to the signals of this process.</summary>
    public static Interrupts OfProcess() => new(listen: true);

    /// <summary>Hears nothing: for a run inside another process.</summary>
    public static Interrupts None() => new(listen: false);

    /// <summary>Runs something that looks at its token often.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public T RunStoppable<T>(Func<CancellationToken, T> work)
    {
        using var source = new CancellationTokenSource();
        lock (_gate) _running = source;
        try
        {
            return work(source.Token);
        }
        finally
        {
            lock (_gate) _running = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true; // the runtime's own way out would lose the exit code
        lock (_gate)
        {
            ExitCode = signal.Signal == PosixSignal.SIGTERM ? ExitCodes.Terminated : ExitCodes.Interrupted;
            if (_running is not null && !_signalled)
            {
                _signalled = true;
                _running.Cancel();
                return;
            }
        }

        Environment.Exit(ExitCode);
    }
}
