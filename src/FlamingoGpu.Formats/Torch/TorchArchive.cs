using System.Diagnostics.CodeAnalysis;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// A file that torch saved since version 1.6 (<c>.pt</c>, <c>.bin</c>, <c>.pth</c>), or a TorchScript archive such as
/// OpenAI's CLIP: a ZIP whose <c>data.pkl</c> describes tensors and whose other members hold their bytes. Nothing in
/// the file is executed: the pickle is read by a machine that knows a fixed list of names and builds descriptions.
/// Safe from several threads.
/// </summary>
/// <remarks>
/// Tensors that lie contiguous in a stored member are used in place. Others (transposed or sliced views, compressed
/// members) are brought into native memory at their first <see cref="Read"/> and kept until the archive is closed.
/// Data in place is as aligned as its writer made it; torch aligns to 64 bytes, other ZIP tools to nothing.
/// </remarks>
public sealed class TorchArchive : ITensorSource
{
    private const int MaxPickleBytes = 16 * 1024 * 1024;
    private const string PickleName = "/data.pkl";
    private const uint ZipSignature = 0x04034B50;

    /// <summary>
    /// A view that shows its storage's elements several times (expand) grows when gathered; this much more than the
    /// file's own data is accepted in all.
    /// </summary>
    private const int MaxGatherRatio = 4;
    private const long GatherAllowanceBytes = 1024 * 1024;

    private readonly MappedFile _file;
    private readonly Dictionary<string, (TensorEntry Entry, TorchTensor Tensor)> _byName;
    private readonly Dictionary<ZipEntry, NativeBuffer> _unpacked = [];
    private readonly Dictionary<TorchTensor, NativeBuffer> _gathered = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _lock = new();
    private bool _disposed;

    private TorchArchive(MappedFile file, bool keepModulePrefix)
    {
        _file = file;
        RequireZip(file);
        var archive = ZipDirectory.Read(file);
        var pickle = FindPickle(archive);
        var root = pickle.Name[..^PickleName.Length];
        RequireLittleEndian(archive, root);
        IsTorchScript = archive.Entries.Any(entry => entry.Name == $"{root}/constants.pkl"
            || entry.Name.StartsWith($"{root}/code/", StringComparison.Ordinal));

        var bytes = ZipUnpacker.ReadSmall(file, pickle, MaxPickleBytes);
        var machine = new PickleMachine(file.Path, bytes, pickle.IsDeflated ? null : pickle.DataOffset,
            new TorchVocabulary(archive, root, IsTorchScript));
        (var tensors, OtherKeys) = TorchStateDict.Find(file.Path, machine.Run(), bytes.Length);
        RequireModestGathering(tensors);

        var prefix = keepModulePrefix ? "" : ModulePrefix.CommonTo([.. tensors.Select(tensor => tensor.Name)]);
        var entries = tensors.ConvertAll(named => EntryOf(named.Name[prefix.Length..], named.Tensor));
        _byName = new(entries.Count, StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++) _byName.Add(entries[i].Name, (entries[i], tensors[i].Tensor));
        Entries = entries;
    }

    /// <inheritdoc/>
    public string Location => _file.Path;

    /// <summary>
    /// The tensors in the order the pickle names them. A prefix <c>module.</c> that all of them have is stripped. The
    /// offset of a tensor in a compressed member is that of the member.
    /// </summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>
    /// Keys beside the tensors that hold something else: epoch, optimizer state, settings of a module.
    /// </summary>
    public IReadOnlyList<string> OtherKeys { get; }

    /// <summary>True for an archive of compiled modules; its code is never looked at.</summary>
    public bool IsTorchScript { get; }

    /// <summary>Maps a file, reads its directory and pickle, and checks every tensor against its storage.</summary>
    /// <exception cref="InvalidFileException">
    /// Not a torch ZIP file (the older formats are named as such), damaged, or its pickle names a global that weights
    /// do not need.
    /// </exception>
    public static TorchArchive Open(string path) => Open(path, keepModulePrefix: false);

    /// <summary>Opens a shard, whose index knows the names as they were saved.</summary>
    internal static TorchArchive Open(string path, bool keepModulePrefix)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new TorchArchive(file, keepModulePrefix);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out TensorEntry? entry)
    {
        entry = _byName.TryGetValue(name, out var found) ? found.Entry : null;
        return entry is not null;
    }

    /// <summary>The tensor's bytes: in place where possible, otherwise gathered at the first call.</summary>
    /// <exception cref="InvalidFileException">
    /// A compressed member is damaged, or the machine is out of memory.
    /// </exception>
    /// <exception cref="ArgumentException">The entry is not one of this archive's.</exception>
    /// <exception cref="ObjectDisposedException">The archive was closed.</exception>
    public TensorData Read(TensorEntry entry)
    {
        if (!_byName.TryGetValue(entry.Name, out var found) || found.Entry != entry)
            throw new ArgumentException($"tensor '{entry.Name}' is not an entry of {Location}.", nameof(entry));
        var tensor = found.Tensor;
        if (entry.ByteLength == 0) return new TensorData(_file.AddressOf(0), 0);
        if (tensor.IsContiguous && !tensor.Storage.Member.IsDeflated)
            return new TensorData(_file.AddressOf(entry.Offset), entry.ByteLength);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var first = FirstElement(tensor);
            return new TensorData(tensor.IsContiguous ? first : Gather(entry, tensor, first), entry.ByteLength);
        }
    }

    /// <inheritdoc/>
    public void ReleasePages() => _file.ReleasePages();

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var buffer in _unpacked.Values.Concat(_gathered.Values)) buffer.Dispose();
            _unpacked.Clear();
            _gathered.Clear();
        }
        _file.Dispose();
    }

    private nint FirstElement(TorchTensor tensor)
    {
        var member = tensor.Storage.Member;
        if (!member.IsDeflated) return _file.AddressOf(member.DataOffset) + (nint)tensor.ByteOffset;
        if (!_unpacked.TryGetValue(member, out var buffer))
            _unpacked[member] = buffer = ZipUnpacker.ReadLarge(_file, member);
        return buffer.Address + (nint)tensor.ByteOffset;
    }

    private unsafe nint Gather(TensorEntry entry, TorchTensor tensor, nint first)
    {
        if (!_gathered.TryGetValue(tensor, out var buffer))
        {
            _gathered[tensor] = buffer = NativeBuffer.Allocate(entry.ByteLength, Location, entry.Name);
            StridedCopy.Gather(tensor, (byte*)first, (byte*)buffer.Address);
        }
        return buffer.Address;
    }

    private TensorEntry EntryOf(string name, TorchTensor tensor)
    {
        var member = tensor.Storage.Member;
        var offset = member.IsDeflated ? member.DataOffset : member.DataOffset + tensor.ByteOffset;
        return new TensorEntry(name, tensor.DType, tensor.Shape, Location, offset, tensor.ByteLength);
    }

    private void RequireModestGathering(List<(string Name, TorchTensor Tensor)> tensors)
    {
        long stored = 0;
        foreach (var member in tensors.Select(named => named.Tensor.Storage.Member).Distinct())
            stored += member.ByteLength;
        Int128 left = GatherAllowanceBytes + ((Int128)MaxGatherRatio * stored);
        foreach (var (name, tensor) in tensors)
        {
            if (tensor.IsContiguous) continue;
            left -= tensor.ByteLength;
            if (left >= 0) continue;
            throw new InvalidFileException(Location,
                $"is a view of shape {tensor.Shape} on a storage of {tensor.Storage.ByteLength} bytes; the views of "
                + $"this file would take more than {MaxGatherRatio} times the memory of all its data.", name);
        }
    }

    private ZipEntry FindPickle(ZipDirectory archive)
    {
        ZipEntry? pickle = null;
        foreach (var entry in archive.Entries)
        {
            if (entry.Name.IndexOf('/', StringComparison.Ordinal) != entry.Name.Length - PickleName.Length
                || !entry.Name.EndsWith(PickleName, StringComparison.Ordinal))
            {
                continue;
            }
            if (pickle is not null)
                throw new InvalidFileException(Location, $"has two pickles, '{pickle.Name}' and '{entry.Name}'.");
            pickle = entry;
        }
        return pickle ?? throw new InvalidFileException(
            Location, "is a ZIP archive without '<name>/data.pkl', hence not one of torch.");
    }

    private void RequireLittleEndian(ZipDirectory archive, string root)
    {
        if (archive.Find($"{root}/byteorder") is not { } entry) return;
        var order = System.Text.Encoding.Latin1.GetString(ZipUnpacker.ReadSmall(_file, entry, maxBytes: 64)).Trim();
        if (order == "little") return;
        throw new InvalidFileException(Location,
            $"was saved with byte order '{order}'; only 'little' is read. Save it again on a little-endian machine.",
            offset: entry.DataOffset);
    }

    private static void RequireZip(MappedFile file)
    {
        var head = file.Slice(0, (int)Math.Min(file.Length, 512));
        if (head.Length >= 4 && BitConverter.ToUInt32(head) == ZipSignature) return;
        if (TorchLegacyFormats.NameOf(head) is { } legacy)
        {
            throw new InvalidFileException(file.Path,
                $"is {legacy}. Save it again with torch 1.6 or later: torch.save(torch.load(old), new).", offset: 0);
        }
        throw new InvalidFileException(file.Path, "is not a ZIP archive, which torch files are.", offset: 0);
    }
}
