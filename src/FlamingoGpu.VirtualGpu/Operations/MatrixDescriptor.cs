namespace FlamingoGpu.VirtualGpu.Operations;

/// <summary>
/// The 64 bits that tell <c>wgmma</c> where a matrix of 16-bit elements lies in shared memory (PTX ISA, "Matrix
/// Descriptor" and "Canonical Layouts"). The unit is a chunk of 16 bytes, eight elements; eight chunks, one width
/// apart, are a core matrix, and within a core matrix' repeating pattern the chunk's place in the row is xored with the
/// row, both taken from the absolute address.
/// </summary>
/// <remarks>
/// K-major: a chunk is eight elements of a row; groups of eight rows lie a stride offset apart; without swizzle the
/// second chunk along K lies a leading offset further. MN-major: a chunk is eight columns of one k; groups of eight k
/// lie a stride offset apart and atoms of width / 2 columns a leading offset; without swizzle the two offsets change
/// roles.
/// </remarks>
/// <param name="Bits">As in the register.</param>
internal readonly record struct MatrixDescriptor(ulong Bits)
{
    /// <summary>Chunks of eight rows (or columns) by sixteen k.</summary>
    public const int BlockChunks = 16;
    public const int ChunkBytes = 16;

    private const int Group = 8;
    private const ulong Unused = (3UL << 14) | (3UL << 30) | (7UL << 46) | (0x3FFUL << 52);

    public uint Start => Field(0);

    /// <summary>Bytes from one chunk of a core matrix to the next; 16 without swizzle.</summary>
    public uint Width => (int)(Bits >> 62) switch
    {
        1 => 128,
        2 => 64,
        3 => 32,
        _ => 16,
    };

    private uint LeadingBytes => Field(16);

    private uint StrideBytes => Field(32);

    private bool IsSwizzled => Width > ChunkBytes;

    /// <summary>What is wrong with the descriptor of a matrix of so many blocks, or null.</summary>
    public (FindingKind Kind, string Message)? Problem(int blocks, bool isMnMajor)
    {
        if ((Bits & Unused) != 0)
            return (FindingKind.InvalidDescriptor, "bits that must be 0 are set; is the address above 256 KiB?");
        if ((Bits >> 49 & 7) != 0)
            return (FindingKind.InvalidDescriptor, "a base offset is not executed here; let the pattern begin aligned.");
        if (!IsSwizzled) return null;
        var pattern = Group * Width;
        var rowBytes = isMnMajor ? Math.Min((uint)(blocks * ChunkBytes), Width) : 2 * ChunkBytes;
        if ((Start % pattern) + rowBytes > Width)
        {
            return (FindingKind.Misaligned,
                $"the {Width}-byte swizzle repeats every {pattern} bytes; a matrix that starts {Start % pattern} bytes "
                + $"into the pattern and takes {rowBytes} bytes of each row leaves its first row.");
        }

        if (StrideBytes % pattern == 0 && (!isMnMajor || LeadingBytes % pattern == 0)) return null;
        return (FindingKind.InvalidDescriptor,
            $"offsets of {LeadingBytes} and {StrideBytes} bytes are no multiples of the swizzle's {pattern}.");
    }

    /// <summary>
    /// Shared addresses of the chunks of a matrix, block after block. K-major, chunk 8c + r of a block is the c-th of
    /// row r; MN-major, chunk k is that of row k.
    /// </summary>
    public void Chunks(Span<uint> chunks, bool isMnMajor)
    {
        for (var i = 0; i < chunks.Length; i++)
        {
            var (block, chunk) = ((uint)(i / BlockChunks), (uint)(i % BlockChunks));
            var address = Start + (chunk % Group * Width)
                + (isMnMajor ? MnMajor(block, chunk / Group) : KMajor(block, chunk / Group));
            chunks[i] = address ^ (address >> 3 & (Width - ChunkBytes));
        }
    }

    private uint KMajor(uint block, uint half) =>
        (block * StrideBytes) + (half * (IsSwizzled ? ChunkBytes : LeadingBytes));

    private uint MnMajor(uint block, uint half)
    {
        if (!IsSwizzled) return (block * StrideBytes) + (half * LeadingBytes);
        var perAtom = Width / ChunkBytes;
        return (block / perAtom * LeadingBytes) + (half * StrideBytes) + (block % perAtom * ChunkBytes);
    }

    private uint Field(int shift) => (uint)(Bits >> shift & 0x3FFF) << 4;
}
