namespace FlamingoGpu.Models;

/// <summary>Under which names a file holds a CLIP vision tower.</summary>
public enum ClipNaming
{
    /// <summary>open_clip and OpenAI: <c>conv1.weight</c>, <c>transformer.resblocks.…</c>.</summary>
    OpenClip,

    /// <summary>Hugging Face: <c>embeddings.patch_embedding.weight</c>, <c>encoder.layers.…</c>.</summary>
    HuggingFace,
}
