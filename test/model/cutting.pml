/* Cutting: an owner, working or already deposed, with what it knows. */

#ifdef CUT_PAST_RELEASED
#define STILL_NEEDED(h, offset) false
#else
#define ANSWERS(offset) (log[offset].accepted && log[offset].input != NO_INPUT)
#define STILL_NEEDED(h, offset) (ANSWERS(offset) && log[offset].input >= host[h].own.cursor)
#endif
#ifdef CUT_AT_BARE_CLAIM
#define CURSOR_FOLLOWS(offset) true
#else
#define CURSOR_FOLLOWS(offset) (log[offset].accepted && log[offset].cursor != NO_CURSOR)
#endif
#ifdef CUT_UNREAD
#define READ_TO host[h].own.next
#else
#define READ_TO follower.next
#endif

/* best: the last claim not past `limit` that an accepted cursor follows. */
inline find_cut(h) {
  limit = (READ_TO < host[h].own.next -> READ_TO : host[h].own.next);
  i = low;
  do /* never past the answer to an input the cursor has not passed */
  :: i < limit && !STILL_NEEDED(h, i) -> i++
  :: else -> break
  od;
  limit = i;
  best = low; k = NONE; i = low;
  do
  :: i < host[h].own.next ->
    if :: log[i].claim && i <= limit -> k = i :: else fi;
    if :: k != NONE && CURSOR_FOLLOWS(i) -> best = k :: else fi;
    i++
  :: else -> break
  od
}

inline cut(before) {
  must(unread, before <= follower.next);
  low = before
}
