import { z } from 'zod';
import { serviceNames } from './topics.js';

/**
 * What a reader cannot see makes two names that look alike: controls, formats, halves of characters, what Unicode lets renderers leave
 * out (fillers, joiners, variation selectors, tag letters), blanks but the plain one, and signs whose picture is empty.
 */
const unseen =
  /[\p{C}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u2d7f\u{1107f}\u{13441}\u{13442}\u{16fe4}\u{1d159}]|(?! )\p{Z}/u;
const everyUnseen = new RegExp(unseen, 'gu');
/** The same mark on itself looks like one. */
const doubledMark = /(\p{Mn})\1/u;

/** A name of somebody or of a tenant or role: what people compare by looking at it. */
export const visibleName = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !unseen.test(text), 'it holds a character that cannot be seen')
  .refine((text) => text === text.trim(), 'it begins or ends with a blank')
  .refine((text) => !text.includes('  '), 'it holds two blanks in a row, which look like one')
  .refine((text) => !/^\p{M}/u.test(text), 'it begins with a mark that belongs on a letter')
  .refine((text) => !doubledMark.test(text.normalize('NFD')), 'it holds a mark twice, which looks like once');

/** JSON in which everything can be seen: what could not is escaped, so it still says the same. */
export const visibleJson = (json: string): string =>
  json.replaceAll(everyUnseen, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** Whether a text shows nothing to whoever reads it. */
export const isBlank = (text: string): boolean => text.replaceAll(everyUnseen, '').trim() === '';

/**
 * Who a subject is, for telling people apart: another case, another Unicode form, blanks around it and whatever cannot be seen make
 * nobody a second person. Two whom their identity provider tells apart by nothing else count as one.
 */
export const personOf = (sub: string): string =>
  sub
    .normalize('NFKC')
    .replaceAll(everyUnseen, '')
    .normalize('NFD')
    .replaceAll(/(\p{Mn})\1+/gu, '$1')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/ +/g, ' ')
    .trim();

const reserved: ReadonlySet<string> = new Set(['local', 'gateway', 'anonymous', ...serviceNames]);

/** Names that stand for parts of Interlock in its own records, so that no token may bear them. */
export const isReservedSubject = (sub: string): boolean => reserved.has(personOf(sub));
