namespace FlamingoGpu.Models;

/// <summary>Hugging Face's names of a CLIP tower in open_clip's words.</summary>
internal static class ClipNames
{
    /// <summary>The separate projections that open_clip fuses, in the order of its rows.</summary>
    public static readonly string[] FusedProjections = ["q_proj", "k_proj", "v_proj"];

    private static readonly (string HuggingFace, string OpenClip)[] Words =
    [
        ("embeddings.class_embedding", "class_embedding"),
        ("embeddings.patch_embedding.", "conv1."),
        ("embeddings.position_embedding.weight", "positional_embedding"),
        ("pre_layrnorm.", "ln_pre."),
        ("post_layernorm.", "ln_post."),
        ("encoder.layers.", "transformer.resblocks."),
        (".layer_norm1.", ".ln_1."),
        (".layer_norm2.", ".ln_2."),
        (".self_attn.q_proj.", ".attn.in_proj_"),
        (".self_attn.out_proj.", ".attn.out_proj."),
        (".mlp.fc1.", ".mlp.c_fc."),
        (".mlp.fc2.", ".mlp.c_proj."),
    ];

    /// <summary>The open_clip name; for a query projection that of the fused tensor it begins.</summary>
    public static string ToOpenClip(string name)
    {
        foreach (var (huggingFace, openClip) in Words) name = name.Replace(huggingFace, openClip, StringComparison.Ordinal);
        return name;
    }
}
