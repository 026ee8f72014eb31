#!/usr/bin/env bash
# Publishes flamingo-run as one file that needs no .NET where it runs: bench/publish.sh [FOLDER] [RUNTIME]
# Compiled ahead (a request is not slowed by the JIT compiler), trimmed and compressed: 21 MB for linux-x64 (14.5 MB when
# not compiled ahead); it must stay under 40 MB. Needs the .NET SDK.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-artifacts/gpu-check}
runtime=${2:-linux-x64}
dotnet publish src/FlamingoGpu.Cli -c Release -r "$runtime" --self-contained -o "$folder" \
  -p:PublishSingleFile=true -p:PublishTrimmed=true -p:PublishReadyToRun=true \
  -p:EnableCompressionInSingleFile=true \
  -p:DebugType=none -p:PublishDocumentationFiles=false
size=$(stat -c %s "$folder/flamingo-run")
echo "$folder/flamingo-run: $size bytes"
[ "$size" -le 40000000 ] || { echo "larger than 40 MB" >&2; exit 1; }
