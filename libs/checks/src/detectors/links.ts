import type { Detector } from './detector.js';

const link = /(?:(?:https?|wss?|ftp):\/\/|(?<![\w.])www\.)[^\s"'<>`]{1,2000}/gi;

/** A link to a host that the bundle does not name. What cannot be read as a link is one of those. */
export const foreignLink: Detector = {
  finding: 'foreign_link',
  isIn: (text, { hosts }) =>
    (text.match(link) ?? []).some((match) => {
      const host = hostOf(match.startsWith('www.') ? `https://${match}` : match);
      return host === undefined || !hosts.some((allowed) => covers(allowed, host));
    }),
};

const hostOf = (text: string): string | undefined => URL.parse(text)?.hostname.toLowerCase();

const covers = (allowed: string, host: string): boolean =>
  allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed;
