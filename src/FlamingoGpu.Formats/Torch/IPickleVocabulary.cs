namespace FlamingoGpu.Formats;

/// <summary>
/// What the words of a pickle mean. The machine moves values about; only the vocabulary makes something of a global, a
/// call or a persistent id, and it makes descriptions, never calls anything. Refusals go through
/// <see cref="PickleMachine.Bad"/>.
/// </summary>
internal interface IPickleVocabulary
{
    /// <summary>A global that the pickle names; unknown ones are refused.</summary>
    object Global(PickleMachine machine, string module, string name);

    /// <summary>The value of "calling" a global with arguments.</summary>
    object? Reduce(PickleMachine machine, object? callable, object?[] arguments);

    /// <summary>A new instance of a class.</summary>
    object New(PickleMachine machine, object? type, object?[] arguments);

    /// <summary>Gives an instance its state.</summary>
    void Build(PickleMachine machine, object? instance, object? state);

    /// <summary>What a persistent id stands for.</summary>
    object PersistentLoad(PickleMachine machine, object? id);
}
