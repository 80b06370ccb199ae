/* Reading: the rule everyone follows, and the two readers that are not hosts. */

inline reset(fold, from) {
  fold.next = from; fold.epoch = NONE; fold.index = 0; fold.last = NONE; fold.cursor = 0; fold.released = 0
}

#ifdef EPOCH_LAST_PLUS_ONE
#define EPOCH_OF(offset) log[offset].epoch
#define FIRST_EPOCH(fold) (fold.epoch == NONE -> 1 : fold.epoch + 1)
#else
#define EPOCH_OF(offset) (offset)
#define FIRST_EPOCH(fold) NONE
#endif
#ifdef NO_INDEX
#define NEXT_INDEX(fold, offset) true
#else
#define NEXT_INDEX(fold, offset) (log[offset].index == fold.index + 1)
#endif

/* The reader's rule, for everyone who reads: `took` says whether the record at fold.next was accepted. */
inline read_one(fold) {
  at = fold.next;
  took = 0;
  if
  :: log[at].claim ->
    fold.epoch = EPOCH_OF(at);
    fold.index = 0;
#ifdef CLAIM_CARRIES_CURSOR
    fold.cursor = log[at].cursor; fold.released = log[at].released
#endif
  :: !log[at].claim && fold.epoch != NONE && log[at].epoch == fold.epoch && NEXT_INDEX(fold, at) ->
    if
    :: log[at].index == 1 && fold.last != NONE -> mechanism(same_past, log[at].past == fold.last)
    :: else
    fi;
    took = 1;
    fold.index = log[at].index;
    fold.last = at;
    if
    :: log[at].cursor != NO_CURSOR ->
      fold.released = (fold.released | log[at].released) & ~BELOW(log[at].cursor);
      fold.cursor = log[at].cursor
    :: else
    fi
  :: else -> /* a deposed host, a repeat, or (never) a gap */
    mechanism(no_gap, log[at].claim || fold.epoch == NONE || log[at].epoch != fold.epoch || log[at].index <= fold.index)
  fi;
  fold.next = at + 1
}

/* A host or a reader folds up to `upto`; one whose position was cut away starts over at the start of the log. */
inline read_to(fold, upto) {
  do
  :: fold.next < upto -> read_one(fold); must(agreed, took == log[at].accepted)
  :: else -> break
  od
}

/* Follows from the first record, an append at a time, as slowly as it likes. */
proctype Follower() {
end_follower:
  do
  :: d_step { follower.next < end ->
      must(unread, follower.next >= low);
      do
      :: read_one(follower);
        must(agreed, took == log[at].accepted);
        if :: log[at].end -> break :: else fi
      od }
#ifdef POSITION_IS_OFFSET
  :: d_step { follower.epoch != NONE -> follower.epoch = NONE; follower.index = 0 }
#endif
  od
}

/* Starts at any moment, at the start of what is rest, and reads to the end. It leaves no state behind. */
proctype Latecomer() {
end_latecomer:
  do
  :: d_step { end > low ->
      reset(fresh, low);
      read_to(fresh, end);
      mechanism(remembered, fresh.cursor == truth.cursor && fresh.released == truth.released);
      reset(fresh, 0) }
  od
}
