using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Tensors spread over several files that an index (<c>model.safetensors.index.json</c>,
/// <c>pytorch_model.bin.index.json</c>) lists: its <c>weight_map</c> says which file holds which tensor, and it alone
/// decides; what a shard holds beyond that is not shown. A prefix <c>module.</c> that all names of torch shards have is
/// stripped. Safe from several threads.
/// </summary>
public sealed class ShardedTensors : ITensorSource
{
    private const int MaxShards = 10_000;

    private readonly List<ITensorSource> _shards = [];
    private readonly Dictionary<string, (TensorEntry Shown, ITensorSource Shard, TensorEntry InShard)> _byName;

    private ShardedTensors(string indexPath)
    {
        Location = indexPath;
        var tensorsByShard = ReadIndex(indexPath);
        var folder = Path.GetDirectoryName(indexPath) ?? "";
        var names = tensorsByShard.Values.SelectMany(tensors => tensors).ToList();
        _byName = new(names.Count, StringComparer.Ordinal);
        var entries = new List<TensorEntry>(names.Count);
        try
        {
            foreach (var (shardName, tensors) in tensorsByShard) OpenShard(Path.Combine(folder, shardName), tensors);
            var prefix = _shards.Exists(shard => shard is TorchArchive) ? ModulePrefix.CommonTo(names) : "";
            foreach (var (shard, tensors) in _shards.Zip(tensorsByShard.Values))
            {
                var wanted = tensors.ToHashSet(StringComparer.Ordinal);
                foreach (var inShard in shard.Entries.Where(entry => wanted.Contains(entry.Name)))
                {
                    var shown = inShard with { Name = inShard.Name[prefix.Length..] };
                    _byName.Add(shown.Name, (shown, shard, inShard));
                    entries.Add(shown);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        Entries = entries;
    }

    /// <summary>The index file as it was named.</summary>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>The shards in the order of their names.</summary>
    public IReadOnlyList<ITensorSource> Shards => _shards;

    /// <summary>Reads an index and opens every shard it names; the kind of each shard is told by its content.</summary>
    /// <exception cref="InvalidFileException">
    /// The index is not one, a shard is missing or outside the index's folder, or lacks a tensor the index promises.
    /// </exception>
    public static ShardedTensors Open(string indexPath) => new(indexPath);

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out TensorEntry? entry)
    {
        entry = _byName.TryGetValue(name, out var found) ? found.Shown : null;
        return entry is not null;
    }

    /// <inheritdoc/>
    public TensorData Read(TensorEntry entry)
    {
        if (!_byName.TryGetValue(entry.Name, out var found) || found.Shown != entry)
            throw new ArgumentException($"tensor '{entry.Name}' is not an entry of {Location}.", nameof(entry));
        return found.Shard.Read(found.InShard);
    }

    /// <inheritdoc/>
    public void ReleasePages()
    {
        foreach (var shard in _shards) shard.ReleasePages();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in _shards) shard.Dispose();
    }

    private void OpenShard(string path, List<string> tensors)
    {
        if (!File.Exists(path))
        {
            throw new InvalidFileException(
                Location, $"the index names the shard '{Path.GetFileName(path)}', which is not in its folder.",
                tensors[0]);
        }
        var shard = TensorSources.OpenShard(path);
        _shards.Add(shard);
        foreach (var tensor in tensors)
        {
            if (shard.TryGet(tensor, out _)) continue;
            throw new InvalidFileException(
                path, $"the index {Location} says this shard holds it, but it does not.", tensor);
        }
    }

    /// <summary>Shard name to the tensors it must hold, sorted by shard name.</summary>
    private static SortedDictionary<string, List<string>> ReadIndex(string path)
    {
        using var document = JsonFile.ParseObject(path, JsonFile.ReadBytes(path));
        if (!document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new InvalidFileException(path, "key 'weight_map' is missing or no object; is this a shard index?");

        var tensorsByShard = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
        {
            var tensor = property.Name;
            if (property.Value.ValueKind != JsonValueKind.String)
                throw new InvalidFileException(path, "weight_map must give the shard's name as a string.", tensor);
            var shard = JsonFile.Text(path, property.Value, $"weight_map.{tensor}");
            if (!IsPlainFileName(shard))
            {
                throw new InvalidFileException(path,
                    $"the shard name '{shard}' is not a plain file name; shards must lie beside the index.", tensor);
            }
            if (!tensorsByShard.TryGetValue(shard, out var tensors)) tensorsByShard[shard] = tensors = [];
            tensors.Add(tensor);
        }
        if (tensorsByShard.Count == 0) throw new InvalidFileException(path, "the weight_map is empty.");
        if (tensorsByShard.Count > MaxShards)
            throw new InvalidFileException(path, $"names {tensorsByShard.Count} shards; at most {MaxShards} are read.");
        return tensorsByShard;
    }

    /// <summary>No folder, drive, stream or parent: the same answer on every system.</summary>
    private static bool IsPlainFileName(string name) =>
        name.Length is > 0 and <= 255 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;
}
