#!/bin/sh
# Prints every event of every run once, in order: run, seq, type, data. Needs kcat (Debian: kcat) and awk.
#   KAFKA_BROKERS=127.0.0.1:9092 sh examples/audit-consumers/consume.sh [more options of kcat, such as -e to stop at the end]
set -eu
: "${KAFKA_BROKERS:?host:port of the cluster}"

kcat -C -q -u -b "$KAFKA_BROKERS" -t audit.events -o beginning -f '%h\t%s\n' "$@" | awk -F '\t' '
  function header(name,  at) {
    at = index("," $1, ",ce_" name "=")
    if (at == 0) return ""
    value = substr($1, at + length(name) + 4)
    sub(/,.*/, "", value)
    return value
  }
  # The two lines: what is not greater than the last seq of its run is a repeat (or, without a seq, no event of a run).
  { run = header("subject"); seq = header("seq") + 0; if (seq <= last[run] + 0) next }
  { last[run] = seq }

  { printf "%s\t%d\t%s\t%s\n", run, seq, header("type"), $2; fflush() }
'
