using System.Globalization;
using System.Text;

namespace FlamingoGpu.Ptx;

/// <summary>
/// One operand position of an instruction: a plain operand, a braced vector, an address, or <c>d|p</c>.
/// </summary>
internal sealed class Slot
{
    private readonly Form _form;

    private Slot(Form form, bool isWritten, Operand[] values, long offset = 0, bool isUpdated = false)
    {
        _form = form;
        IsWritten = isWritten;
        IsRead = !isWritten || isUpdated;
        Values = values;
        Offset = offset;
    }

    private enum Form
    {
        Plain,
        Vector,
        Address,
        Pair,
    }

    /// <summary>
    /// Whether the instruction writes the registers of this position; the registers of an address are read.
    /// </summary>
    public bool IsWritten { get; }

    /// <summary>Whether the instruction reads the registers of this position; an update reads and writes them.</summary>
    public bool IsRead { get; }

    /// <summary>The operands in the position; the cleanup replaces them in place.</summary>
    public Operand[] Values { get; }

    /// <summary>Whether it is an address in brackets.</summary>
    public bool IsAddress => _form == Form.Address;

    /// <summary>Whether its values stand in braces.</summary>
    public bool IsVector => _form == Form.Vector;

    private long Offset { get; }

    /// <summary>A destination.</summary>
    public static Slot To(Operand value) => new(Form.Plain, true, [value]);

    /// <summary>A vector of destinations.</summary>
    public static Slot To(Operand[] values) => new(Form.Vector, true, [.. values]);

    /// <summary>A vector of registers that are read and written in place.</summary>
    public static Slot Update(Operand[] values) => new(Form.Vector, true, [.. values], isUpdated: true);

    /// <summary>A destination and the predicate written beside it, <c>d|p</c>.</summary>
    public static Slot ToPair(Operand value, Operand predicate) => new(Form.Pair, true, [value, predicate]);

    /// <summary>A source.</summary>
    public static Slot From(Operand value) => new(Form.Plain, false, [value]);

    /// <summary>A vector of sources.</summary>
    public static Slot From(Operand[] values) => new(Form.Vector, false, [.. values]);

    /// <summary>The memory at <paramref name="address"/> plus a constant number of bytes.</summary>
    public static Slot At(Operand address, long offset = 0) => new(Form.Address, false, [address], offset);

    /// <summary>Writes the position as PTX.</summary>
    public void Write(StringBuilder text)
    {
        switch (_form)
        {
            case Form.Vector:
                text.Append('{').AppendJoin(", ", Values).Append('}');
                break;
            case Form.Address:
                text.Append('[').Append(Values[0]);
                // PTX has a sum of register and offset only: [%r0+-4], never [%r0-4].
                if (Offset != 0) text.Append('+').Append(Offset.ToString(CultureInfo.InvariantCulture));
                text.Append(']');
                break;
            case Form.Pair:
                text.Append(Values[0]).Append('|').Append(Values[1]);
                break;
            default:
                text.Append(Values[0]);
                break;
        }
    }
}
