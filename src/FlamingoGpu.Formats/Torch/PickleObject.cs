namespace FlamingoGpu.Formats;

/// <summary>An instance of a TorchScript class: a bag of attributes, whose class is a name and nothing more.</summary>
internal sealed class PickleObject
{
    /// <summary>What BUILD gave it; empty before.</summary>
    public PickleDict Attributes { get; } = new();
}
