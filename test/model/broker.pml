/* The broker: one append is one batch, all of it or nothing; it may land late, twice or never, and its answer may be lost. */

inline write(append) {
  log[end].claim = append.claim;
  log[end].epoch = append.epoch;
  log[end].index = (append.claim -> 0 : append.index + k);
  log[end].past = (append.index + k == 1 -> append.past : NONE);
  log[end].input = NO_INPUT;
  i = 0;
  do
  :: i < INPUTS && (rest & (1 << i)) -> log[end].input = i; rest = rest & ~(1 << i); break
  :: i < INPUTS && !(rest & (1 << i)) -> i++
  :: else -> break
  od;
  log[end].end = (k + 1 == n);
  log[end].cursor = (k + 1 == append.size -> append.cursor : NO_CURSOR);
  log[end].released = (k + 1 == append.size -> append.released : 0)
}

inline judge(append) {
  if
  :: log[at].claim -> latest = append.term
  :: took ->
    mechanism(fenced, append.term == latest);
    if
    :: log[at].input != NO_INPUT ->
      must(once, !(done & (1 << log[at].input)));
      done = done | (1 << log[at].input)
    :: else
    fi;
    if
    :: log[at].cursor != NO_CURSOR ->
      must(answered, ((BELOW(log[at].cursor) | log[at].released) & ~done) == 0)
    :: else
    fi
  :: else
  fi
}

/* Nobody reads what a record says that nobody accepts; saying so keeps the search small. */
inline drop_content(offset) {
  log[offset].input = NO_INPUT; log[offset].cursor = NO_CURSOR; log[offset].released = 0; log[offset].past = NONE
}

inline land(append, written) {
  append.base = end;
  n = written; k = 0; taken = 0; rest = append.answers; limit = truth.cursor;
  do
  :: k < n ->
    write(append);
    end++;
    read_one(truth);
    log[at].accepted = took;
    taken = taken + took;
    judge(append);
    if :: !took && !log[at].claim -> drop_content(at) :: else fi;
    k++
  :: else -> break
  od;
  mechanism(whole, taken == 0 || taken == append.size);
  mechanism(forward, truth.cursor >= limit)
}

inline copy(to, from) {
  to.state = SENT; to.claim = from.claim; to.size = from.size; to.epoch = from.epoch; to.index = from.index;
  to.answers = from.answers; to.cursor = from.cursor; to.released = from.released; to.past = from.past;
  to.term = from.term; to.base = 0
}

inline forget(append) {
  append.state = ABSENT; append.claim = 0; append.size = 0; append.epoch = 0; append.index = 0; append.answers = 0;
  append.cursor = 0; append.released = 0; append.past = 0; append.term = 0; append.base = 0
}

#define FITS(append) (append.state == SENT && end + append.size <= LOG)

proctype Broker(bit h) {
end_broker:
  do
  :: d_step { FITS(current[h]) -> land(current[h], current[h].size); current[h].state = LANDED }
  :: d_step { FITS(stray[h]) -> land(stray[h], stray[h].size); forget(stray[h]) }
  :: d_step { FITS(current[h]) && stray[h].state == ABSENT && repeats < REPEATS ->
      repeats++; copy(stray[h], current[h]); land(current[h], current[h].size); current[h].state = LANDED }
  :: d_step { FITS(stray[h]) && repeats < REPEATS ->
      repeats++; land(stray[h], stray[h].size); stray[h].base = 0 }
#ifdef TORN_APPEND
  :: d_step { FITS(current[h]) && current[h].size == 2 -> land(current[h], 1); forget(current[h]) }
#endif
  od
}
