#!/usr/bin/env bash
# Checks and measures the GPU kernels on a machine with an NVIDIA driver; needs no .NET, only the published flamingo-run
# (bench/publish.sh) and, for 'golden', the folder tests/golden.
#
#   gpu-check.sh [--exe FILE] [--golden DIR] [--out DIR] [--peers FILE] [--device cuda|virtual] [--small] STAGE...
#
# Stages, each on its own and restartable, at most 8 minutes:
#   assemble     every kernel through the driver's assembler: fails on spills, local memory and C75xx advisories
#   conformance  every case and the fragment layouts on the device against the cpu, and the same on the virtual GPU
#   golden       parity of the golden models on the device
#   bench        matrix products, attention, bandwidth and the 3B model, beside the peers of this machine
#   bench9b      the 9B model; its random weights take 16 GB of the disk
#   all          the five of them
#
# Each writes DATE-STAGE.json and DATE-STAGE.md to the output folder (bench/results/DEVICE keeps what is to be kept) and
# replaces what an earlier run of the day left. '--device virtual --small' is the dry run: it needs no GPU and times nothing.
# Exit code: that of the first stage that failed, 124 for one that ran out of time, 0 when all are good.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
exe=$here/flamingo-run
golden=$here/golden
out=$PWD/gpu-check
device=cuda
peers=()
small=
stages=()
while [ $# -gt 0 ]; do
  case $1 in
    --exe) exe=$2; shift 2 ;;
    --golden) golden=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --device) device=$2; shift 2 ;;
    --peers) peers=(--peers "$2"); shift 2 ;;
    --small) small=1; shift ;;
    -h | --help) sed -n '2,20s/^# \{0,1\}//p' "$0"; exit 0 ;;
    all) stages+=(assemble conformance golden bench bench9b); shift ;;
    assemble | conformance | golden | bench | bench9b) stages+=("$1"); shift ;;
    *) echo "gpu-check.sh: unknown argument '$1'; --help lists them" >&2; exit 2 ;;
  esac
done
[ ${#stages[@]} -gt 0 ] || { echo "gpu-check.sh: no stage; --help lists them" >&2; exit 2; }
[ -x "$exe" ] || { echo "gpu-check.sh: no executable '$exe'; bench/publish.sh makes it, --exe names it" >&2; exit 2; }
mkdir -p "$out" || exit 2
limit=470
date=$(date +%F)

# run NAME ARGUMENTS...: runs the verb; its JSON goes to work/NAME.json, its text to work/NAME.txt.
run() {
  local name=$1
  shift
  timeout -k 5 $((limit - (SECONDS - start))) "$exe" "$@" --device "$device" --report "$work/$name.json" >"$work/$name.txt" 2>&1
}

# The results of one stage as one JSON object and one Markdown page; both appear whole.
write() {
  local stage=$1 code=$2 seconds=$3 name
  {
    printf '{\n"stage": "%s",\n"date": "%s",\n"device": "%s",\n"small": %s,\n"seconds": %s,\n"exit_code": %s' \
      "$stage" "$date" "$device" "$(if [ -n "$small" ]; then echo true; else echo false; fi)" "$seconds" "$code"
    for name in "$work"/*.json; do
      [ -s "$name" ] || continue
      printf ',\n"%s": ' "$(basename "$name" .json)"
      cat "$name"
    done
    printf '}\n'
  } >"$out/.$stage.json.partial"
  {
    printf '# %s on %s, %s\n\n' "$stage" "$device" "$date"
    printf 'Exit code %s after %s s.%s\n' "$code" "$seconds" "${small:+ Small sizes.}"
    for name in "$work"/*.txt; do
      printf '\n## %s\n\n```\n' "$(basename "$name" .txt)"
      cat "$name"
      printf '```\n'
    done
  } >"$out/.$stage.md.partial"
  mv "$out/.$stage.json.partial" "$out/$date-$stage.json"
  mv "$out/.$stage.md.partial" "$out/$date-$stage.md"
}

stage_assemble() { run assemble kernels assemble; }

stage_conformance() {
  local code=0
  if [ -n "$small" ]; then
    run on_device kernels check --seeds 1 --filter f32
    return
  fi
  run on_device kernels check || code=$?
  if [ "$device" != virtual ]; then
    device=virtual run on_virtual kernels check --seeds 1 || code=$?
  fi
  return "$code"
}

stage_golden() {
  local models=("$golden/openflamingo-mpt1b" "$golden/openflamingo-mpt7b")
  [ -z "$small" ] || models=("$golden/openflamingo-mpt1b")
  run parity parity "${models[@]}"
}

stage_bench() { run bench bench ${small:+--small} ${peers[@]+"${peers[@]}"}; }

stage_bench9b() { run bench bench --shape openflamingo-9b --skip gemm ${small:+--small} ${peers[@]+"${peers[@]}"}; }

status=0
for stage in "${stages[@]}"; do
  work=$(mktemp -d) || exit 2
  start=$SECONDS
  echo "== $stage on $device"
  "stage_$stage"
  code=$?
  write "$stage" "$code" $((SECONDS - start))
  rm -rf "$work"
  if [ "$code" -eq 0 ]; then echo "   good, $((SECONDS - start)) s: $out/$date-$stage.md"
  else
    echo "   FAILED with $code, $((SECONDS - start)) s: $out/$date-$stage.md" >&2
    [ "$status" -ne 0 ] || status=$code
  fi
done
exit "$status"
