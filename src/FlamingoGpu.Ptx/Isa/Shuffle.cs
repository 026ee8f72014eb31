namespace FlamingoGpu.Ptx;

/// <summary>How <see cref="Isa.ShflSync{T}"/> picks the lane a value comes from.</summary>
public enum Shuffle
{
    /// <summary><c>.bfly</c>: the lane whose number differs in the bits of the operand.</summary>
    Butterfly,

    /// <summary><c>.idx</c>: the lane with the number of the operand.</summary>
    Index,

    /// <summary><c>.up</c>: the lane that many below; the lowest lanes keep their own value.</summary>
    Up,

    /// <summary><c>.down</c>: the lane that many above; the highest lanes keep their own value.</summary>
    Down,
}
