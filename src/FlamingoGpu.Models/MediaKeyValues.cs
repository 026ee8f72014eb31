using FlamingoGpu.Core;
using FlamingoGpu.Kernels;
using FlamingoGpu.Runtime;

namespace FlamingoGpu.Models;

/// <summary>
/// Keys and values of all media of a request for every gated layer, projected once per request and read by every
/// token. Layout [gated layer, media, latents, 2·inner] f32: k, then v.
/// </summary>
public sealed class MediaKeyValues : IDisposable
{
    private readonly DeviceMemory _memory;

    /// <summary>Allocates room for the media of one request.</summary>
    /// <exception cref="Core.DeviceException">Not enough memory.</exception>
    public MediaKeyValues(
        IDevice device, int gatedLayers, int media, int latents, long innerWidth, DType type = DType.F32)
    {
        Media = media;
        Type = new TensorType(type, [media, latents, 2 * innerWidth]);
        _memory = device.Allocate(gatedLayers * Type.ByteLength, "media keys and values");
    }

    /// <summary>Media in the request.</summary>
    public int Media { get; }

    /// <summary>Type of one gated layer's part: [media, latents, 2·inner].</summary>
    public TensorType Type { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteLength => _memory.ByteLength;

    /// <summary>The part of one gated layer (counted among gated layers).</summary>
    public DevicePlace Layer(int gatedLayer) => new(_memory, gatedLayer * Type.ByteLength);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
