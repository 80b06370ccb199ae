import type { Detector } from './detector.js';

// Joiners belong to some scripts and to emoji; between Latin, Greek or Cyrillic letters they only hide something.
const joiner = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}\p{P}\s][\u200c\u200d]/u;
// Zero width, soft hyphen, fillers, direction overrides; a byte order mark is one only behind the first character.
const invisible =
  /\u034f|\u061c|\u17b4|\u17b5|[\u00ad\u115f\u1160\u180e\u200b\u200e\u200f\u2060-\u2064\u3164\uffa0\u202a-\u202e\u2066-\u2069]|(?<!^)\ufeff/u;
// Tag letters spell a region only behind a black flag.
const tagLetters = /(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]{0,6})[\u{e0000}-\u{e007f}]/u;
const hidingStyle =
  /display\s{0,8}:\s{0,8}none|visibility\s{0,8}:\s{0,8}hidden|(?:font-size|opacity)\s{0,8}:\s{0,8}0(?:\.0{1,8})?(?![.\d])/i;

/** Text that a person who looks at it does not see: invisible characters, comments and styles of a web page. */
export const hiddenText: Detector = {
  finding: 'hidden_text',
  isIn: (text) =>
    text.includes('<!--') ||
    [invisible, joiner, tagLetters, hidingStyle].some((pattern) => pattern.test(text)),
};
