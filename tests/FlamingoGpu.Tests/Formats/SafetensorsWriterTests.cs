using FlamingoGpu.Core;
using FlamingoGpu.Formats;
using FsCheck;
using FsCheck.Fluent;

namespace FlamingoGpu.Tests.Formats;

public sealed class SafetensorsWriterTests
{
    /// <summary>Names that have bitten somebody: empty, blanks, quotes, controls, non-ASCII, outside the BMP.</summary>
    private static readonly string[] Names = ["", " ", "a.b", "\"quoted\"", "back\\slash", "new\nline", "é", "🦩", "\0", "weight"];

    [Fact]
    public void Write_AnyTensors_AreReadBackTheSame()
    {
        var dtypes = SafetensorsDTypes.All.ToArray();
        var extent = Gen.Elements<long>(0, 1, 2, 3, 5, 7, 8, 13, 16);
        // Packed types must fill bytes: eight elements always do.
        var tensor =
            from name in Gen.Elements(Names)
            from dtype in Gen.Elements(dtypes)
            from rank in Gen.Choose(0, 4)
            from extents in extent.ArrayOf(rank)
            from seed in Gen.Choose(0, int.MaxValue)
            select (Name: name, DType: dtype, Extents: dtype.BitSize() < 8 ? [.. extents, 8L] : extents, Seed: seed);
        var files = tensor.ListOf().Select(list => list.DistinctBy(item => item.Name).ToList());
        using var folder = new TestFolder();

        Prop.ForAll(files.ToArbitrary(), list =>
        {
            var written = list.ConvertAll(item =>
            {
                var shape = Shape.Create(item.Extents);
                var bytes = new byte[item.DType.ByteSize(shape.ElementCount)];
                new System.Random(item.Seed).NextBytes(bytes);
                return (Tensor: TensorToWrite.FromBytes(item.Name, item.DType, shape, bytes), Bytes: bytes);
            });
            var metadata = list.ToDictionary(item => item.Name + "?", item => $"{item.DType}");
            var path = folder.File("round.safetensors");
            SafetensorsWriter.Write(path, written.ConvertAll(item => item.Tensor), metadata);

            using var file = SafetensorsFile.Open(path);
            Assert.Equal(metadata, file.Metadata);
            Assert.Equal(written.Count, file.Entries.Count);
            foreach (var (expected, bytes) in written)
            {
                Assert.True(file.TryGet(expected.Name, out var entry));
                Assert.Equal((expected.DType, expected.Shape), (entry.DType, entry.Shape));
                Assert.True(file.Read(entry).Bytes.SequenceEqual(bytes));
            }
            Assert.Equal(new FileInfo(path).Length % 8, written.Sum(item => (long)item.Bytes.Length) % 8);
        }).QuickCheckThrowOnFailure();
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_OrderGiven_IsKept()
    {
        using var folder = new TestFolder();
        var path = folder.File("order.safetensors");
        SafetensorsWriter.Write(path, [Floats("z", 3), Floats("a", 1), Floats("m", 2)]);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["z", "a", "m"], file.Entries.Select(entry => entry.Name));
        Assert.Equal(0, file.Entries[0].Offset % 8);
    }

    [Fact]
    public void Write_TensorInPieces_ReportsProgress()
    {
        using var folder = new TestFolder();
        const int Pieces = 5, PieceBytes = 9 * 1024 * 1024;
        var reports = new List<long>();
        var tensor = new TensorToWrite("large", DType.U8, [Pieces * PieceBytes], stream =>
        {
            var piece = new byte[PieceBytes];
            for (var i = 0; i < Pieces; i++)
            {
                piece.AsSpan().Fill((byte)i);
                stream.Write(piece);
            }
        });
        var path = folder.File("large.safetensors");
        SafetensorsWriter.Write(path, [tensor], progress: new Listener(reports));
        Assert.Equal([18L << 20, 36L << 20, 45L << 20], reports);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(4, file.Read(file.Entries[0]).Bytes[^1]);
    }

    [Fact]
    public void Write_Failure_LeavesTheOldFileAndNoOther()
    {
        using var folder = new TestFolder();
        var path = folder.File("kept.safetensors");
        SafetensorsWriter.Write(path, [Floats("old", 2)]);
        var before = File.ReadAllBytes(path);

        Action[] failures =
        [
            () => SafetensorsWriter.Write(path, [Floats("good", 4), Of("short", stream => stream.Write(new byte[7]))]),
            () => SafetensorsWriter.Write(path, [Of("long", stream => stream.Write(new byte[9]))]),
            () => SafetensorsWriter.Write(path, [Of("lazy", _ => { })]),
            () => SafetensorsWriter.Write(path, [Floats("a", 1), Floats("a", 1)]),
            () => SafetensorsWriter.Write(path, [Floats("__metadata__", 1)]),
            () => SafetensorsWriter.Write(path, [Floats("\ud800", 1)]),
            () => SafetensorsWriter.Write(path, [], new Dictionary<string, string> { ["k"] = "\udc00" }),
            () => SafetensorsWriter.Write(path, [TensorToWrite.FromBytes("i4", DType.I4, [2], new byte[1])]),
            () => SafetensorsWriter.Write(path, [TensorToWrite.FromBytes("f4", DType.F4, [3], new byte[2])]),
        ];
        Assert.All(failures, failure => Assert.Throws<InvalidRequestException>(failure));
        Assert.Throws<OperationCanceledException>(
            () => SafetensorsWriter.Write(path, [Floats("b", 1)], cancellation: new CancellationToken(canceled: true)));
        Assert.Throws<InvalidTimeZoneException>(
            () => SafetensorsWriter.Write(path, [Of("own", _ => throw new InvalidTimeZoneException())]));

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_FolderThatIsNotThere_SaysSo()
    {
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Path, "gone", "x.safetensors");
        var error = Assert.Throws<FlamingoException>(() => SafetensorsWriter.Write(path, []));
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    private static TensorToWrite Floats(string name, int count) => TensorToWrite.FromSingles(name, [count], new float[count]);

    private static TensorToWrite Of(string name, Action<Stream> write) => new(name, DType.F32, [2], write);

    private sealed class Listener(List<long> reports) : IProgress<long>
    {
        public void Report(long value) => reports.Add(value);
    }
}
