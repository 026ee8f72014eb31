using FlamingoGpu.Core;

namespace FlamingoGpu.Models;

/// <summary>One option of a model under its flat name.</summary>
public sealed class FlamingoConfigKey
{
    private readonly Func<FlamingoConfig, object> _get;
    private readonly Func<FlamingoConfig, string, FlamingoConfig?> _trySet;

    internal FlamingoConfigKey(
        string name, string values, Func<FlamingoConfig, object> get, Func<FlamingoConfig, string, FlamingoConfig?> trySet)
    {
        Name = name;
        Values = values;
        _get = get;
        _trySet = trySet;
    }

    /// <summary>Flat name, such as <c>xattn.mask</c>.</summary>
    public string Name { get; }

    /// <summary>What values it takes, in words.</summary>
    public string Values { get; }

    /// <summary>The value in a configuration: an <see cref="int"/>, <see cref="double"/>, <see cref="bool"/> or the text of a choice.</summary>
    public object Get(FlamingoConfig config) => _get(config);

    /// <summary>The configuration with this option changed.</summary>
    /// <exception cref="InvalidRequestException">The option cannot take the value; says which it can.</exception>
    public FlamingoConfig Set(FlamingoConfig config, string value) =>
        _trySet(config, value) ?? throw new InvalidRequestException($"model option '{Name}' cannot be '{value}'; it takes {Values}.");
}
