/* A host: claim, progress, appends, and what it does in doubt. */

inline send_claim(h) {
  claims++;
  host[h].term = claims;
  read_to(host[h].own, end);
  forget(current[h]);
  current[h].state = SENT; current[h].claim = 1; current[h].size = 1; current[h].term = claims;
  current[h].epoch = FIRST_EPOCH(host[h].own);
#ifdef CLAIM_CARRIES_CURSOR
  current[h].cursor = host[h].own.cursor; current[h].released = host[h].own.released;
#else
  current[h].cursor = NO_CURSOR;
#endif
  host[h].state = CLAIMING
}

/* One record for each input in `set`, none: host.progress. The cursor moves to the first input not dealt with. */
inline send(h) {
  forget(current[h]);
  current[h].state = SENT;
  current[h].term = host[h].term;
  current[h].epoch = host[h].own.epoch;
  current[h].index = host[h].own.index + 1;
  current[h].past = host[h].own.last;
  current[h].answers = set;
  rest = set | host[h].own.released | BELOW(host[h].own.cursor);
  i = 0; n = 0;
  do
  :: i < INPUTS -> n = n + ((set >> i) & 1); i++
  :: else -> break
  od;
  current[h].size = (n == 0 -> 1 : n);
  i = 0;
  do
  :: i < INPUTS && (rest & (1 << i)) -> i++
  :: else -> break
  od;
  current[h].cursor = i;
  current[h].released = set & ~BELOW(i);
  host[h].state = WAITING
}

/* Crashed, or deposed and forgetful: it will start over from the log. */
inline give_up(h) { forget(current[h]); host[h].state = IDLE; host[h].term = 0; reset(host[h].own, 0) }

inline start_effects(h) {
  k = 0; rest = current[h].answers;
  do
  :: rest != 0 && k < current[h].size ->
    at = current[h].base + k;
    must(intended, log[at].accepted && (rest & (1 << log[at].input)) && !(started & (1 << log[at].input)));
    started = started | (1 << log[at].input);
    k++
  :: else -> break
  od
}

inline claimed(h) {
  at = current[h].base;
  if
  :: at < low -> give_up(h) /* a later owner has cut our claim away: we are deposed */
  :: else ->
    if :: host[h].own.next < low -> reset(host[h].own, low) :: else fi;
    n = at + 1;
    read_to(host[h].own, n);
    set = 0;
    send(h)
  fi
}

#define CONTIGUOUS(h) (current[h].base == host[h].own.next)

inline appended(h) {
  if
  :: CONTIGUOUS(h) ->
    start_effects(h);
    n = current[h].base + current[h].size;
    read_to(host[h].own, n);
    forget(current[h]);
    host[h].state = WORKING
  :: else ->
#ifdef NO_CONTIGUITY
    start_effects(h);
#endif
    give_up(h)
  fi
}

#ifdef DOUBT_WITHOUT_CLAIM
#define RESUMES(h) (host[h].state == WAITING && host[h].own.next == end)
#else
#define RESUMES(h) false
#endif

inline no_answer(h) {
  if
  :: RESUMES(h) -> forget(current[h]); host[h].state = WORKING
  :: else -> give_up(h)
  fi
}

/* What a host may do next. Hosts are alike, so the first claim is always host 0's. */
#define EXPECTS(h) (host[h].state == CLAIMING || host[h].state == WAITING)
#define PENDING(h) (~(host[h].own.released | BELOW(host[h].own.cursor)) & BELOW(INPUTS))
#define MAY_CLAIM(h) (claims < CLAIMS && (claims > 0 || h == 0))

proctype Runner(bit h) {
end_host:
  do
  :: d_step { (host[h].state == IDLE || host[h].state == WORKING) && MAY_CLAIM(h) ->
      if :: host[h].own.next < low -> reset(host[h].own, low) :: else fi;
      send_claim(h) }
  :: d_step { host[h].state == CLAIMING && current[h].state == LANDED -> claimed(h) }
  :: d_step { host[h].state == WAITING && current[h].state == LANDED -> appended(h) }
     /* No answer: it was lost, or the append was; or the append is still under way. */
  :: d_step { EXPECTS(h) -> no_answer(h) }
  :: d_step { EXPECTS(h) && current[h].state == SENT -> copy(stray[h], current[h]); no_answer(h) }
     /* In doubt it keeps its state up to the last accepted record and claims again. */
  :: d_step { EXPECTS(h) && MAY_CLAIM(h) && host[h].own.next >= low -> send_claim(h) }
  :: d_step { EXPECTS(h) && MAY_CLAIM(h) && host[h].own.next >= low && current[h].state == SENT ->
      copy(stray[h], current[h]); send_claim(h) }
  :: atomic { host[h].state == WORKING && PENDING(h) != 0 ->
      set = PENDING(h);
      if
      :: set & 1 -> set = 1
      :: set & 2 -> set = 2
      :: (set & 3) == 3 -> set = 3
#if INPUTS > 2
      :: set & 4 -> set = 4
      :: (set & 5) == 5 -> set = 5
      :: (set & 6) == 6 -> set = 6
#endif
      fi;
      d_step { send(h) } }
#ifdef CUT_BY_TIME
  :: d_step { host[h].state == WORKING && low < follower.next -> n = low + 1; cut(n) }
#else
  :: d_step { host[h].state == WORKING || host[h].state == WAITING -> find_cut(h); cut(best) }
#endif
  od
}
