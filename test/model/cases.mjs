/**
 * What is checked: the protocol in several scopes, where nothing may be violated, and the protocol with one rule
 * taken back, where a promise must break.
 */

/** Two inputs, three claims: hosts that depose one another, cuts, late appends. */
const claims = { LOG: 12, CLAIMS: 3, INPUTS: 2, REPEATS: 0 };
/** One input fewer, and an append that the network delivers twice. */
const repeats = { LOG: 12, CLAIMS: 3, INPUTS: 1, REPEATS: 1 };
/** Three inputs, so answers can lie further beyond the cursor. */
const inputs = { LOG: 12, CLAIMS: 2, INPUTS: 3, REPEATS: 1 };
/** Everything at once; minutes and 4 GB. The log is too short for the longest scenarios. */
const deep = { LOG: 8, CLAIMS: 3, INPUTS: 2, REPEATS: 1 };

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {Record<string, number>} scope bounds of the search
 * @property {string[]} defines
 * @property {string[]} breaks the promises of which one must break; none: all hold
 * @property {string} says
 */

/** Answered twice, or passed by the cursor without an answer. */
const exactlyOnce = ['once', 'answered'];

const holds = (name, scope, says) => ({ name, scope, defines: [], breaks: [], says });
/** The checks inside the mechanism are off, so that what breaks is a promise to somebody. */
const mutation = (define, breaks, says, scope = claims) => ({
  name: define,
  scope,
  defines: [define, 'OUTCOMES_ONLY'],
  breaks,
  says,
});

/** @type {Case[]} */
export const cases = [
  holds('claims', claims, 'hosts that depose one another'),
  holds('repeats', repeats, 'and a repeated append'),
  holds('inputs', inputs, 'and three inputs answered in any order'),
  {
    name: 'WITNESS',
    scope: claims,
    defines: ['WITNESS'],
    breaks: ['all_answered_started_cut_and_read'],
    says: 'the good end is reachable',
  },
  mutation('EPOCH_LAST_PLUS_ONE', exactlyOnce, 'epoch is the last one seen plus one, not the offset'),
  mutation('NO_INDEX', exactlyOnce, 'readers do not compare the index', repeats),
  mutation('POSITION_IS_OFFSET', ['agreed'], 'a reader keeps the offset without epoch and index'),
  mutation('NO_CONTIGUITY', ['intended'], 'effects start whatever offset the append got'),
  mutation(
    'DOUBT_WITHOUT_CLAIM',
    exactlyOnce,
    'an append without an answer is taken for lost if it is not there',
  ),
  mutation('TORN_APPEND', exactlyOnce, 'an append may land in part, without the cursor on its last record'),
  mutation('CLAIM_CARRIES_CURSOR', exactlyOnce, 'a claim says what its author knew when it sent it'),
  mutation('CUT_BY_TIME', ['agreed'], 'cut anywhere that has been read'),
  mutation('CUT_AT_BARE_CLAIM', exactlyOnce, 'cut in front of a claim that no accepted cursor follows'),
  mutation('CUT_PAST_RELEASED', exactlyOnce, 'cut away answers beyond the cursor'),
  mutation('CUT_UNREAD', ['unread'], 'cut without waiting for readers'),
];

/** @type {Case[]} */
export const deepCases = [holds('deep', deep, 'everything at once, in a log of eight records')];
