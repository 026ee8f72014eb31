using FlamingoGpu.Ptx;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Kernels;

/// <summary>The keys of a block cut into tiles, run after run, as the stages of a ring take them.</summary>
/// <typeparam name="T">Type of keys and values.</typeparam>
internal sealed class KeyTiles<T>
    where T : struct, IMatrixElement<T>
{
    private readonly List<Part> _parts = [];
    private readonly int _rows;

    /// <summary>Prepares the copies of all runs into the same two tiles.</summary>
    public KeyTiles(KeyScope scope, SharedTile<T> keys, SharedTile<T> values)
    {
        _rows = keys.Rows;
        S32 before = 0;
        foreach (var run in scope.Runs)
        {
            _parts.Add(new Part(
                run, before,
                keys.CopyFrom(run.Keys.As<T>(), run.KeyPitch.ToS32(), run.End),
                values.CopyFrom(run.Values.As<T>(), run.ValuePitch.ToS32(), run.End)));

            // Never negative: a run that nobody sees may end before it starts.
            before += Max(run.End - run.First + (_rows - 1), 0) / _rows;
        }

        Count = before;
    }

    /// <summary>How many tiles there are.</summary>
    public S32 Count { get; }

    /// <summary>Starts the copies of a tile; keys and values behind the end of a run become zeros.</summary>
    public void Fill(Stage stage, S32 step)
    {
        FillKeys(stage, step);
        FillValues(stage, step);
    }

    /// <summary>Starts the copies of a tile's keys.</summary>
    public void FillKeys(Stage stage, S32 step) => Fill(stage, step, 0, part => part.Keys);

    /// <summary>Starts the copies of a tile's values.</summary>
    public void FillValues(Stage stage, S32 step) => Fill(stage, step, 0, part => part.Values);

    /// <summary>First key of a tile and the bounds of its run.</summary>
    public (S32 Start, KeyRun Run) At(S32 step)
    {
        var (start, run) = (Start(_parts[0], step), _parts[0].Run);
        foreach (var part in _parts.Skip(1))
        {
            var isHere = step >= part.Before;
            start = Select(isHere, Start(part, step), start);
            run = run with
            {
                End = Select(isHere, part.Run.End, run.End),
                SharedFirst = Select(isHere, part.Run.SharedFirst, run.SharedFirst),
                SharedEnd = Select(isHere, part.Run.SharedEnd, run.SharedEnd),
            };
        }

        return (start, run);
    }

    private void Fill(Stage stage, S32 step, int index, Func<Part, TileCopy<T>> rows)
    {
        var part = _parts[index];
        var start = () => rows(part).StartAtRow(stage, Start(part, step));
        if (index == _parts.Count - 1) start();
        else If(step < _parts[index + 1].Before, start, () => Fill(stage, step, index + 1, rows));
    }

    private S32 Start(Part part, S32 step) => part.Run.First + (step - part.Before) * _rows;

    private sealed record Part(KeyRun Run, S32 Before, TileCopy<T> Keys, TileCopy<T> Values);
}
