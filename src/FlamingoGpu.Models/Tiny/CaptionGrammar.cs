namespace FlamingoGpu.Models.Tiny;

/// <summary>
/// A small language about simple pictures. Draws scenes of coloured shapes, describes them, and asks about them: the
/// corpus of the shipped tokenizer, and the words of every training picture of the shipped model. Everything is
/// determined by a seed.
/// </summary>
public static class CaptionGrammar
{
    /// <summary>Colors of figures and grounds.</summary>
    public static readonly IReadOnlyList<string> Colors =
        ["red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "black", "white", "gray"];

    /// <summary>What a figure can be.</summary>
    public static readonly IReadOnlyList<string> Shapes =
        ["circle", "square", "triangle", "rectangle", "star", "heart", "diamond", "cross", "ring", "oval"];

    /// <summary>Sizes of figures, smallest first.</summary>
    public static readonly IReadOnlyList<string> Sizes = ["small", "medium", "large"];

    /// <summary>The nine fields of a picture, row by row.</summary>
    public static readonly IReadOnlyList<string> Places =
    [
        "top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right",
    ];

    /// <summary>Colors that a ground may have: those on which every other color is easy to see.</summary>
    public static readonly IReadOnlyList<string> Backgrounds = ["white", "black", "gray", "blue", "green", "yellow"];

    private static readonly string[] Counts = ["no", "one", "two", "three"];

    private static readonly string[] Subjects =
    [
        "cat", "dog", "horse", "cow", "sheep", "bird", "flamingo", "duck", "elephant", "bear", "zebra", "giraffe",
        "rabbit", "mouse", "fish", "tiger", "lion", "monkey", "owl", "penguin", "squirrel", "butterfly", "turtle",
        "man", "woman", "boy", "girl", "child", "person", "baby", "player", "farmer", "teacher", "doctor", "friend",
    ];

    private static readonly string[] Things =
    [
        "car", "van", "train", "bicycle", "airplane", "boat", "truck", "motorcycle", "chair", "lamp", "bottle", "cup",
        "clock", "laptop", "phone", "book", "umbrella", "suitcase", "pizza", "cake", "apple", "banana", "cookie",
        "carrot", "bread", "flower", "vase", "sofa", "bridge", "tower", "castle", "sign", "ball", "kite", "guitar",
        "camera", "hat", "shirt", "shoe", "mirror", "pillow", "blanket", "spoon", "fork", "plate", "basket",
    ];

    private static readonly string[] Looks =
    [
        "young", "old", "happy", "tired", "wet", "little", "big", "tall", "short", "long", "shiny", "broken", "wooden",
        "metal", "striped", "spotted", "bright", "dark", "empty", "full", "clean", "dirty", "round", "soft", "warm",
    ];

    private static readonly string[] Actions =
    [
        "sitting", "standing", "sleeping", "running", "walking", "eating", "playing", "jumping", "resting", "looking",
        "holding something", "waiting for someone", "drinking water", "watching people", "swimming", "smiling",
    ];

    private static readonly string[] Locations =
    [
        "in the grass", "on the beach", "near a river", "under a tree", "on a wooden table", "next to a window",
        "in the snow", "behind a fence", "on a city street", "in front of a house", "by the water", "in a field",
        "on the kitchen floor", "at the park", "on a mountain", "in the garden", "inside a room", "at the zoo",
        "between two buildings", "on the roof", "above the clouds", "along the road", "across from a shop",
    ];

    private static readonly string[] Numbers =
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "many", "several", "some"];

    /// <summary>Draws a scene: figures in different places, of colors that differ from the ground.</summary>
    public static Scene Draw(SplitMix64 random)
    {
        var background = random.Pick(Backgrounds);
        var colors = Colors.Where(color => color != background).ToArray();
        var places = Places.ToList();
        var shapes = new SceneShape[1 + random.Next(3)];
        for (var i = 0; i < shapes.Length; i++)
        {
            var place = places[random.Next(places.Count)];
            places.Remove(place);
            shapes[i] = new SceneShape(random.Pick(Sizes), random.Pick(colors), random.Pick(Shapes), place);
        }

        return new Scene(shapes, background);
    }

    /// <summary>One sentence that names every figure, in one of several forms.</summary>
    public static string Caption(Scene scene, SplitMix64 random)
    {
        var list = List(scene.Shapes);
        return random.Next(4) switch
        {
            0 => Capitalize($"{list} on {Article(scene.Background)} {scene.Background} background."),
            1 => $"There is {list} on {scene.Background}.",
            2 => $"A picture of {list}.",
            _ => Capitalize($"{Phrase(scene.Shapes[0])} at the {scene.Shapes[0].Place} of the image."),
        };
    }

    /// <summary>Questions about the first figure, the number of figures and the ground, with their answers.</summary>
    public static IReadOnlyList<SceneQuestion> Questions(Scene scene)
    {
        var first = scene.Shapes[0];
        var questions = new List<SceneQuestion>
        {
            new("What color is the background?", scene.Background),
            new("How many shapes are in the picture?", Counts[scene.Shapes.Count]),
            new($"What shape is at the {first.Place}?", first.Name),
            new($"What color is the shape at the {first.Place}?", first.Color),
        };
        if (scene.Shapes.Count(shape => shape.Name == first.Name) == 1)
        {
            questions.Add(new($"What color is the {first.Name}?", first.Color));
            questions.Add(new($"Where is the {first.Name}?", first.Place));
            questions.Add(new($"How big is the {first.Name}?", first.Size));
        }

        var asked = Shapes[(Shapes.ToList().IndexOf(first.Name) + scene.Shapes.Count) % Shapes.Count];
        var answer = scene.Shapes.Any(shape => shape.Name == asked) ? "yes" : "no";
        questions.Add(new($"Is there {Article(asked)} {asked} in the image?", answer));
        return questions;
    }

    /// <summary>
    /// The lines the shipped tokenizer was trained on: captions and questions of 240 scenes in the forms that prompts
    /// have, and lines about animals, people and things for a wider vocabulary.
    /// </summary>
    public static IEnumerable<string> Corpus()
    {
        var random = new SplitMix64(2022);
        for (var i = 0; i < 240; i++)
        {
            var scene = Draw(random);
            yield return $"Output:{Caption(scene, random)}";
            var question = random.Pick(Questions(scene));
            yield return $"Question:{question.Question} Short answer:{question.Answer}";
        }

        foreach (var subject in Subjects)
        {
            for (var i = 0; i < 6; i++) yield return SubjectLine(subject, random);
        }

        foreach (var thing in Things)
        {
            for (var i = 0; i < 6; i++) yield return ThingLine(thing, random);
        }
    }

    private static string SubjectLine(string subject, SplitMix64 random)
    {
        var (look, action, place) = (random.Pick(Looks), random.Pick(Actions), random.Pick(Locations));
        return random.Next(4) switch
        {
            0 => $"An image of {Article(look)} {look} {subject} {action} {place}.",
            1 => Capitalize($"{Article(subject)} {subject} is {action} {place}."),
            2 => $"Question:Where is the {subject}? Short answer:{place}",
            _ => $"Question:What is the {look} {subject} doing? Short answer:{action}",
        };
    }

    private static string ThingLine(string thing, SplitMix64 random)
    {
        var (look, color, place) = (random.Pick(Looks), random.Pick(Colors), random.Pick(Locations));
        return random.Next(4) switch
        {
            0 => Capitalize($"{Article(look)} {look} {thing} {place}."),
            1 => $"A photo of {random.Pick(Numbers)} {color} {thing}s {place}.",
            2 => $"Question:How many {thing}s are there? Short answer:{random.Pick(Numbers)}",
            _ => $"Question:What color is the {look} {thing}? Short answer:{color}",
        };
    }

    private static string List(IReadOnlyList<SceneShape> shapes) => shapes.Count switch
    {
        1 => Phrase(shapes[0]),
        2 => $"{Phrase(shapes[0])} and {Phrase(shapes[1])}",
        _ => $"{Phrase(shapes[0])}, {Phrase(shapes[1])} and {Phrase(shapes[2])}",
    };

    private static string Phrase(SceneShape shape) => $"{Article(shape.Size)} {shape.Size} {shape.Color} {shape.Name}";

    private static string Article(string word) => word[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an" : "a";

    private static string Capitalize(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
