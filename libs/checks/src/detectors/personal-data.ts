import { byPattern, type Detector } from './detector.js';
import { isIban } from './iban.js';

const cardShape = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g;
const cardIssuers =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|(?:6011|65\d\d|64[4-9]\d|35\d\d)\d{12}|3[068]\d{12}|62\d{14,17})$/;
const ibanShape = /(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}/gi;

export const emailAddress = byPattern(
  'personal.email',
  /(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}/i,
);

/** International form, or the North American one with its separators. Plain digits are too often something else. */
export const phoneNumber: Detector = {
  finding: 'personal.phone',
  isIn: (text) =>
    /(?<![\w.])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w)/.test(text) ||
    matches(text, /(?<![\w+])\+\d(?:[ ().-]{0,3}\d){6,16}(?!\w)/g).some((match) => {
      const count = digits(match).length;
      return count >= 8 && count <= 15;
    }),
};

/** A number of a known issuer's shape whose check digit is right. */
export const cardNumber: Detector = {
  finding: 'personal.card',
  isIn: (text) =>
    matches(text, cardShape).some((match) => cardIssuers.test(digits(match)) && passesLuhn(digits(match))),
};

export const bankAccount: Detector = {
  finding: 'personal.iban',
  isIn: (text) => matches(text, ibanShape).some(isIban),
};

/** Every second digit from the right counts double; the sum is a multiple of ten. */
function passesLuhn(number: string): boolean {
  let sum = 0;
  for (let place = 0; place < number.length; place += 1) {
    const digit = Number(number[number.length - 1 - place]);
    const weighted = place % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

const digits = (text: string): string => text.replaceAll(/\D/g, '');
const matches = (text: string, pattern: RegExp): string[] => text.match(pattern) ?? [];
