/*
 * The fenced log of one partition: two hosts, a broker that loses, delays, repeats and answers late, and its readers.
 * docs/fenced-log.md says the same in words. run.mjs checks it exhaustively, then takes the rules back one by one.
 *
 * Properties. Each is a bit below; a violation names it.
 *   fenced     an accepted record was written by the holder of the latest claim
 *   no_gap     a record of the latest claim never skips an index
 *   whole      an append is accepted whole or not at all
 *   once       no input is answered by two accepted records
 *   answered   a cursor passes, and a release names, only inputs that an accepted record has answered
 *   forward    the accepted cursor never moves back
 *   intended   an effect starts only for an accepted intent, and only once
 *   agreed     every reader accepts exactly the records that were accepted when they landed, from wherever it starts
 *   same_past  the first record after a claim names the record a reader accepted last
 *   remembered whoever reads the log from its start knows which inputs are dealt with
 *   unread     a cut removes nothing a reader has not read
 */
#ifndef LOG
#define LOG 10           /* offsets there are; an append that does not fit is one that never lands */
#endif
#ifndef CLAIMS
#define CLAIMS 3         /* claims sent by both hosts together */
#endif
#ifndef INPUTS
#define INPUTS 2
#endif
#ifndef REPEATS
#define REPEATS 1        /* appends the network delivers twice */
#endif
#define NONE 15          /* no offset, no epoch */
#define NO_INPUT 7
#define NO_CURSOR 7
#define BELOW(position) ((1 << (position)) - 1)

bit fenced = 1, no_gap = 1, whole = 1, once = 1, answered = 1, forward = 1, intended = 1;
bit agreed = 1, same_past = 1, remembered = 1, unread = 1;
inline must(property, condition) { property = (condition); assert(property) }
#ifdef OUTCOMES_ONLY
inline mechanism(property, condition) { skip }
#else
inline mechanism(property, condition) { must(property, condition) }
#endif

typedef Record {
  bit claim;
  unsigned epoch : 4;    /* of the claim it names */
  unsigned index : 4;    /* 1, 2, ... since that claim */
  unsigned input : 3;    /* the input it answers; this record is also the intent of that input's effect */
  unsigned cursor : 3;   /* on the last record of an append: next input position */
  unsigned released : 3; /* there too: inputs this append answers at or beyond the cursor */
  unsigned past : 4;     /* index 1 only: the last record accepted before the claim */
  bit end;               /* last record of its append */
  bit accepted           /* by the reader's rule, computed as it landed: the sequence all must agree on */
}

/* What a reader keeps. Its position is (next, epoch, index), stored whole. */
typedef Fold {
  unsigned next : 4;
  unsigned epoch : 4;
  unsigned index : 4;
  unsigned last : 4;     /* offset of the last record it accepted */
  unsigned cursor : 3;
  unsigned released : 3  /* inputs beyond the cursor that are answered */
}

typedef Append {
  unsigned state : 2;    /* ABSENT, SENT or LANDED */
  bit claim;
  unsigned size : 2;
  unsigned epoch : 4;
  unsigned index : 4;
  unsigned answers : 3;  /* set of inputs, one record each; none: host.progress */
  unsigned cursor : 3;
  unsigned released : 3;
  unsigned past : 4;
  unsigned term : 3;     /* which claim its author held; the checker's, no reader sees it */
  unsigned base : 4      /* offset the broker gave its first record */
}
#define ABSENT 0
#define SENT 1
#define LANDED 2

typedef Host {
  unsigned state : 2;    /* IDLE, CLAIMING, WORKING or WAITING */
  unsigned term : 3;
  Fold own
}
#define IDLE 0
#define CLAIMING 1
#define WORKING 2
#define WAITING 3

Record log[LOG];
unsigned low : 4;        /* first offset that is not cut */
unsigned end : 4;        /* next offset */
Host host[2];
Append current[2];       /* what the host waits for */
Append stray[2];         /* what it gave up: there later, or never */
Fold truth;              /* the fold of everything that ever landed */
Fold follower;           /* a reader of another service; its commit is its position */
unsigned claims : 3;     /* sent so far */
unsigned latest : 3;     /* term of the latest claim that landed */
unsigned repeats : 2;
unsigned done : 3;       /* inputs answered by an accepted record */
unsigned started : 3;    /* inputs whose effect has begun */

hidden Fold fresh;
hidden byte at, k, n, i, set, rest, taken, limit, best;
hidden byte took;

#include "reading.pml"
#include "broker.pml"
#include "cutting.pml"
#include "host.pml"

#ifdef WITNESS
/* The good case must be reachable, or the properties above would hold of nothing. */
bit all_answered_started_cut_and_read = 1;
proctype Witness() {
end_witness:
  d_step { done == BELOW(INPUTS) && started == done && low > 0 && follower.next == end ->
    all_answered_started_cut_and_read = 0; assert(all_answered_started_cut_and_read) }
}
#endif

init {
  atomic {
    reset(truth, 0); reset(follower, 0); reset(fresh, 0); reset(host[0].own, 0); reset(host[1].own, 0);
    run Broker(0); run Broker(1); run Runner(0); run Runner(1); run Follower(); run Latecomer();
#ifdef WITNESS
    run Witness()
#endif
  }
}
