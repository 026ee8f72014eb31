namespace FlamingoGpu.Core;

/// <summary>Two shapes that must agree do not.</summary>
public sealed class ShapeMismatchException : FlamingoException
{
    /// <summary>Makes the error.</summary>
    /// <param name="subject">The op, argument or tensor the shape belongs to.</param>
    /// <param name="expected">The shape that was required, as text (may name axes).</param>
    /// <param name="actual">The shape found.</param>
    /// <param name="advice">What is probably wrong and what to do.</param>
    public ShapeMismatchException(string subject, string expected, Shape actual, string? advice = null)
        : base($"{subject}: expected {expected}, got {actual}{(advice is null ? "." : "; " + advice)}")
    {
        Subject = subject;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The op, argument or tensor the shape belongs to.</summary>
    public string Subject { get; }

    /// <summary>The required shape as text.</summary>
    public string Expected { get; }

    /// <summary>The shape found.</summary>
    public Shape Actual { get; }
}
