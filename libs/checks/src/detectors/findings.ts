import type { Detector, Surroundings } from './detector.js';
import { hiddenText } from './hidden-text.js';
import { foreignLink } from './links.js';
import { bankAccount, cardNumber, emailAddress, phoneNumber } from './personal-data.js';
import { accessToken, privateKey } from './secrets.js';
import { toolName } from './tool-names.js';

const detectors: readonly Detector[] = [
  emailAddress,
  phoneNumber,
  cardNumber,
  bankAccount,
  privateKey,
  accessToken,
  hiddenText,
  foreignLink,
  toolName,
];

/** Characters of a value that are searched; one decision holds at most half as many bytes. */
const CHARACTERS_MAX = 1_000_000;

/** Found when a value holds more than is searched: what was not looked at must not pass for clean. */
export const UNSEARCHED = 'unsearched';

/** The kinds of things the detectors see in a JSON value, keys included, sorted. */
export function findingsIn(value: unknown, surroundings: Surroundings): readonly string[] {
  const found = new Set<string>();
  let left = CHARACTERS_MAX;
  for (const text of textsOf(value)) {
    left -= text.length;
    if (left < 0) {
      found.add(UNSEARCHED);
      break;
    }
    for (const { finding, isIn } of detectors)
      if (!found.has(finding) && isIn(text, surroundings)) found.add(finding);
  }
  return [...found].sort();
}

/** Every text in a value, with numbers long enough to be one of a card. Without recursion: data may be deep. */
function* textsOf(value: unknown): Generator<string> {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') yield next;
    else if (typeof next === 'number' && Math.abs(next) >= 1e12 && Math.abs(next) < 1e19) yield String(next);
    else if (Array.isArray(next)) for (const item of next) open.push(item);
    else if (typeof next === 'object' && next !== null)
      for (const [key, item] of Object.entries(next)) open.push(key, item);
  }
}
