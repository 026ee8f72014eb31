using System.Runtime.CompilerServices;

// Scratch arrays of the hot paths are written before they are read; clearing them first costs more than the work
// itself.
[module: SkipLocalsInit]
