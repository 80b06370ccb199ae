import type { ErrorEntry } from './error.entry.js';

/** What is wrong with an export: `./interlock verify` exits with 1. */
export const evidenceErrors = {
  not_a_line: {
    meaning: 'A line is not a record, or not JSON.',
    action: 'Get the export again; if it is the same, somebody has changed it.',
  },
  copy_differs: {
    meaning: 'The readable copy of the metadata differs from the bytes that were hashed.',
    action: 'Trust the bytes, and find out who changed the copy.',
  },
  changed: {
    meaning: 'The bytes of a record are not those that were hashed.',
    action: 'Compare with another copy: this one was changed.',
  },
  hash_changed: {
    meaning: 'The hash of a record differs from the one that the next record was written behind.',
    action: 'Compare with another copy: this one was changed.',
  },
  missing: {
    meaning: 'A record is missing.',
    action: 'Compare with another copy: this one was cut.',
  },
  misplaced: {
    meaning: 'A record is not in the place where it was written.',
    action: 'Compare with another copy: this one was reordered.',
  },
  added: {
    meaning: 'There is a second record beside the accepted one.',
    action: 'Compare with another copy: this one was extended.',
  },
  replaced: {
    meaning: 'A record is whole, but its neighbours were written beside another one.',
    action: 'Compare with another copy: this one was changed.',
  },
  deposed: {
    meaning: 'A record was written under a claim that was not the latest any more.',
    action: 'Export it anew: readers of the log leave such records out.',
  },
  other_run: {
    meaning: 'A record or the head belongs to another run.',
    action: 'Export the run anew.',
  },
  time_reversed: {
    meaning: 'A record is older than the one before it.',
    action: 'Compare with another copy: this one was reordered.',
  },
  cut_off: {
    meaning: 'The head covers more events than the export holds.',
    action: 'Export the run anew: its end is missing.',
  },
  no_head: {
    meaning: 'The last line is not a signed head.',
    action: 'Export the run anew; if the audit service runs, a head follows within seconds.',
  },
  head_differs: {
    meaning: 'The head is not the one of these records.',
    action: 'Export the run anew.',
  },
  after_head: {
    meaning: 'Something stands behind the head.',
    action: 'Compare with another copy: this one was extended.',
  },
  value_changed: {
    meaning: 'A value that is kept outside of the log has another hash than the record says.',
    action: 'Export the run anew: this copy was changed.',
  },
  value_missing: {
    meaning: 'The export does not carry a value that a record names.',
    action: 'Export the run anew; if it is missing again, the store has lost it.',
  },
  value_unnamed: {
    meaning: 'The export carries a value that no record of it names.',
    action: 'Compare with another copy: this one was extended.',
  },
  recomputed: {
    meaning: 'The chain is whole, but the head was signed over another one: somebody computed it again.',
    action: 'Compare with another copy: this one was forged.',
  },
  signature_invalid: {
    meaning: 'The signature of the head is not one of the key that it names.',
    action: 'Find out where the export comes from: it was forged or damaged.',
  },
  unsigned: {
    meaning: 'The signed head is that of an earlier event: what stands behind it is not signed.',
    action: 'Export the run again: a head that covers its end follows within seconds.',
  },
  unknown_key: {
    meaning: 'The head is signed with a key that is not among the public keys at hand.',
    action: 'Give the right keys: `--keys FILE`, from `/v1/keys` of the installation.',
  },
  no_key: {
    meaning: 'Nothing is wrong with the records, and there is no public key to check the head with.',
    action: 'Give them: `--keys FILE`, a server, or the data directory.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
