#!/bin/bash
# Prints every event of every run once, in order: run, seq, type, data. Needs kcat (Debian: kcat).
#   KAFKA_BROKERS=127.0.0.1:9092 bash examples/audit-consumers/consume.sh [more options of kcat, such as -e to stop at the end]
set -euo pipefail
: "${KAFKA_BROKERS:?host:port of the cluster}"
declare -A last

kcat -C -q -u -b "$KAFKA_BROKERS" -t audit.events -o beginning -f '%h\t%s\n' "$@" | while IFS=$'\t' read -r headers data; do
  [[ ,$headers, =~ ,ce_subject=([^,]*), ]] && run=${BASH_REMATCH[1]} || continue
  [[ ,$headers, =~ ,ce_seq=([0-9]+), ]] && seq=${BASH_REMATCH[1]} || continue # A signed head: no event of the run.
  [[ ,$headers, =~ ,ce_type=([^,]*), ]] && type=${BASH_REMATCH[1]} || continue

  # The two lines: what is not greater than the last seq of its run is a repeat.
  [ "$seq" -gt "${last[$run]:-0}" ] || continue
  last[$run]=$seq

  printf '%s\t%d\t%s\t%s\n' "$run" "$seq" "$type" "$data"
done
