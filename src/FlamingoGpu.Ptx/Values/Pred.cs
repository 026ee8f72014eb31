namespace FlamingoGpu.Ptx;

/// <summary>
/// A truth value on the device: the result of a comparison, the condition of <c>If</c> and <c>When</c>.
/// </summary>
public readonly struct Pred : IDeviceValue<Pred>
{
    private readonly Operand _operand;

    internal Pred(Operand operand) => _operand = operand;

    /// <inheritdoc/>
    static DeviceType IDeviceValue<Pred>.Type => DeviceType.Pred;

    /// <inheritdoc/>
    Operand IDeviceValue<Pred>.Operand => _operand;

    internal Operand Operand => _operand;

    /// <summary>Both.</summary>
    public static Pred operator &(Pred a, Pred b) => Operators.Binary("and.pred", a, b);

    /// <summary>Either.</summary>
    public static Pred operator |(Pred a, Pred b) => Operators.Binary("or.pred", a, b);

    /// <summary>Exactly one.</summary>
    public static Pred operator ^(Pred a, Pred b) => Operators.Binary("xor.pred", a, b);

    /// <summary>The opposite.</summary>
    public static Pred operator !(Pred a) => Operators.Unary("not.pred", a);

    /// <inheritdoc/>
    static Pred IDeviceValue<Pred>.From(Operand operand) => new(operand);
}
