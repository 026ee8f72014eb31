using System.Buffers.Binary;
using System.Text;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// The stack machine of Python's pickle format, protocols 2 to 5 (PEP 307, 3154, 574), without anything that could run
/// code: it builds plain values and hands names to an <see cref="IPickleVocabulary"/>. The text opcodes of protocols 0
/// and 1, extension codes and out-of-band buffers are refused. Nothing recurses; memory is proportional to the input.
/// </summary>
internal sealed class PickleMachine
{
    private const int MaxNameBytes = 1024;
    private const int NamesSearched = 8;

    private readonly string _file;
    private readonly byte[] _bytes;
    private readonly long? _fileOffset;
    private readonly IPickleVocabulary _vocabulary;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _at;
    private int _opcodeAt;
    private long _copied;

    /// <summary>Prepares a run.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="bytes">The whole pickle.</param>
    /// <param name="fileOffset">Where the pickle begins in the file; null when it was compressed.</param>
    /// <param name="vocabulary">Gives meaning to names.</param>
    public PickleMachine(string file, byte[] bytes, long? fileOffset, IPickleVocabulary vocabulary)
    {
        _file = file;
        _bytes = bytes;
        _fileOffset = fileOffset;
        _vocabulary = vocabulary;
    }

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    /// <summary>Runs to the STOP opcode and returns the one value left.</summary>
    /// <exception cref="InvalidFileException">The pickle is damaged or wants something that is refused.</exception>
    public object? Run()
    {
        if (_bytes.Length < 2 || _bytes[0] != 0x80 || _bytes[1] is < 2 or > 5)
            throw Bad("expected a pickle of protocol 2 to 5.");
        while (true)
        {
            _opcodeAt = _at;
            var opcode = Byte();
            if (opcode == '.') break;
            Step(opcode);
        }
        if (_marks.Count > 0 || _stack.Count != 1)
            throw Bad($"the pickle ends with {_stack.Count} values instead of one.");
        return _stack[0];
    }

    /// <summary>
    /// An error at the current opcode. The nearest string on the stack is the key the value was meant for: the name of
    /// the tensor concerned.
    /// </summary>
    public InvalidFileException Bad(string problem, Exception? inner = null)
    {
        string? nearest = null;
        for (var i = _stack.Count - 1; i >= Math.Max(0, _stack.Count - NamesSearched) && nearest is null; i--)
            nearest = _stack[i] as string;
        return _fileOffset is { } start
            ? new InvalidFileException(_file, problem, nearest, start + _opcodeAt, inner)
            : new InvalidFileException(
                _file, $"{problem} (byte {_opcodeAt} of the unpacked pickle)", nearest, inner: inner);
    }

    /// <summary>
    /// Accounts for values that the vocabulary copies or walks. A pickle can name one big value many times in few
    /// bytes; an honest one never needs more of these than it has bytes.
    /// </summary>
    public void Spend(int values)
    {
        _copied += values;
        if (_copied > _bytes.Length) throw Bad("the pickle copies its own values over and over.");
    }

    private void Step(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: ReadProtocol(); break;
            case 0x95: Skip(8); break; // FRAME: a hint for streaming readers.

            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case (byte)'K': Push((long)Byte()); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case 0x8A: Push(Long(Byte())); break;
            case 0x8B: Push(Long(UInt32())); break;
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;

            case 0x8C: Push(Text(Byte())); break;
            case (byte)'X': Push(Text(UInt32())); break;
            case 0x8D: Push(Text(UInt64())); break;
            case (byte)'U': Push(Text(Byte())); break; // Python 2 wrote names as byte strings.
            case (byte)'T': Push(Text(UInt32())); break;
            case (byte)'C': PushBytes(Byte()); break;
            case (byte)'B': PushBytes(UInt32()); break;
            case 0x8E or 0x96: PushBytes(UInt64()); break;

            case (byte)'(': _marks.Add(_stack.Count); break;
            case (byte)'0': Discard(); break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(Peek()); break;

            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'t': Push(PopToMark()); break;
            case 0x85: Push(PopMany(1)); break;
            case 0x86: Push(PopMany(2)); break;
            case 0x87: Push(PopMany(3)); break;
            case (byte)']': Push(new PickleList()); break;
            case (byte)'l': PushList(PopToMark()); break;
            case (byte)'a': Append(PopMany(1)); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'}': Push(new PickleDict()); break;
            case (byte)'d': PushDict(PopToMark()); break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case 0x8F: Push(PickleOpaque.Set); break;
            case 0x90: AddToSet(PopToMark()); break;
            case 0x91: PopToMark(); Push(PickleOpaque.Set); break;

            case (byte)'q': _memo[Byte()] = Peek(); break;
            case (byte)'r': _memo[UInt32()] = Peek(); break;
            case 0x94: _memo[(uint)_memo.Count] = Peek(); break;
            case (byte)'h': Recall(Byte()); break;
            case (byte)'j': Recall(UInt32()); break;

            case (byte)'c': Push(_vocabulary.Global(this, Line(), Line())); break;
            case 0x93: PushStackGlobal(); break;
            case (byte)'R': Reduce(); break;
            case 0x81: New(); break;
            case 0x92: NewWithKeywords(); break;
            case (byte)'b': Build(); break;
            case (byte)'Q': Push(_vocabulary.PersistentLoad(this, Pop())); break;

            default: throw Bad($"the opcode 0x{opcode:X2} is refused; torch does not write it.");
        }
    }

    private void ReadProtocol()
    {
        var protocol = Byte();
        if (protocol is < 2 or > 5) throw Bad($"pickle protocol {protocol}; 2 to 5 are read.");
    }

    private void PushStackGlobal()
    {
        var names = PopMany(2);
        if (names is not [string module, string name]) throw Bad("STACK_GLOBAL needs two strings.");
        Push(_vocabulary.Global(this, module, name));
    }

    private void Reduce()
    {
        var parts = PopMany(2);
        if (parts[1] is not object?[] arguments) throw Bad("REDUCE needs a tuple of arguments.");
        Push(_vocabulary.Reduce(this, parts[0], arguments));
    }

    private void New()
    {
        var parts = PopMany(2);
        if (parts[1] is not object?[] arguments) throw Bad("NEWOBJ needs a tuple of arguments.");
        Push(_vocabulary.New(this, parts[0], arguments));
    }

    private void NewWithKeywords()
    {
        var parts = PopMany(3);
        if (parts is not [_, object?[] arguments, PickleDict { Items.Count: 0 }])
            throw Bad("NEWOBJ_EX with keyword arguments is refused.");
        Push(_vocabulary.New(this, parts[0], arguments));
    }

    private void Build()
    {
        var state = Pop();
        _vocabulary.Build(this, Peek(), state);
    }

    private void Append(object?[] values)
    {
        if (Peek() is not PickleList list) throw Bad("elements are appended to what is not a list.");
        list.Add(values);
    }

    private void PushList(object?[] values)
    {
        var list = new PickleList();
        list.Add(values);
        Push(list);
    }

    private void PushDict(object?[] values)
    {
        Push(new PickleDict());
        SetItems(values);
    }

    private void SetItems(object?[] values)
    {
        if (Peek() is not PickleDict dict) throw Bad("items are set on what is not a dictionary.");
        if (values.Length % 2 != 0) throw Bad("a key without a value.");
        for (var i = 0; i < values.Length; i += 2) dict.Add(values[i], values[i + 1]);
    }

    private void AddToSet(object?[] values)
    {
        if (!ReferenceEquals(Peek(), PickleOpaque.Set))
            throw Bad($"{values.Length} elements are added to what is not a set.");
    }

    private void Recall(uint index)
    {
        if (!_memo.TryGetValue(index, out var value)) throw Bad($"memo entry {index} was never written.");
        Push(value);
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Bad("the stack is empty.");

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    /// <summary>POP removes a mark when one is on top.</summary>
    private void Discard()
    {
        if (_marks.Count > 0 && _marks[^1] == _stack.Count) _marks.RemoveAt(_marks.Count - 1);
        else Pop();
    }

    private object?[] PopMany(int count)
    {
        if (_stack.Count - Floor < count) throw Bad("the stack is empty.");
        return CutFrom(_stack.Count - count);
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0) throw Bad("no mark is on the stack.");
        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return CutFrom(mark);
    }

    private object?[] CutFrom(int start)
    {
        if (start == _stack.Count) return [];
        var values = new object?[_stack.Count - start];
        _stack.CopyTo(start, values, 0, values.Length);
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    private void PushBytes(ulong length)
    {
        Skip(length);
        Push(PickleOpaque.Bytes);
    }

    private object Long(uint length)
    {
        var bytes = Take(length);
        if (bytes.Length > 8) return PickleOpaque.HugeInteger;
        long value = 0;
        for (var i = 0; i < bytes.Length; i++) value |= (long)bytes[i] << (8 * i);
        var unusedBits = 64 - (8 * bytes.Length);
        return bytes.IsEmpty ? 0L : value << unusedBits >> unusedBits;
    }

    private string Text(ulong length)
    {
        try
        {
            return StrictUtf8.Encoding.GetString(Take(length));
        }
        catch (DecoderFallbackException error)
        {
            throw Bad("a string is not UTF-8.", error);
        }
    }

    /// <summary>The text up to the end of the line: module and name of a GLOBAL.</summary>
    private string Line()
    {
        var rest = _bytes.AsSpan(_at, Math.Min(MaxNameBytes, _bytes.Length - _at));
        var length = rest.IndexOf((byte)'\n');
        if (length < 0) throw Bad($"a global's name has no end within {MaxNameBytes} bytes.");
        var text = Text((ulong)length);
        _at++;
        return text;
    }

    private byte Byte() => Take(1)[0];

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    private void Skip(ulong count) => Take(count);

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at)) throw Bad("the pickle is cut off.");
        var span = _bytes.AsSpan(_at, (int)count);
        _at += span.Length;
        return span;
    }
}
