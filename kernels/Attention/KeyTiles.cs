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
    public void Fill(Stage stage, S32 step) => Fill(stage, step, 0);

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

    private void Fill(Stage stage, S32 step, int index)
    {
        if (index == _parts.Count - 1) Copy(stage, step, _parts[index]);
        else
        {
            If(step < _parts[index + 1].Before,
                () => Copy(stage, step, _parts[index]), () => Fill(stage, step, index + 1));
        }
    }

    private void Copy(Stage stage, S32 step, Part part)
    {
        part.Keys.StartAtRow(stage, Start(part, step));
        part.Values.StartAtRow(stage, Start(part, step));
    }

    private S32 Start(Part part, S32 step) => part.Run.First + (step - part.Before) * _rows;

    private sealed record Part(KeyRun Run, S32 Before, TileCopy<T> Keys, TileCopy<T> Values);
}
