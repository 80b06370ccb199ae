import { byPattern } from './detector.js';

export const privateKey = byPattern('secret.private_key', /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/);

/** Tokens that well-known services issue, by the shape those services document. */
export const accessToken = byPattern(
  'secret.token',
  new RegExp(
    `(?<![A-Za-z0-9_-])(?:${[
      '(?:AKIA|ASIA)[A-Z0-9]{16}',
      'gh[pousr]_[A-Za-z0-9]{36}',
      'github_pat_[A-Za-z0-9_]{22}',
      'glpat-[A-Za-z0-9_-]{20}',
      'npm_[A-Za-z0-9]{36}',
      'xox[abeoprs]-[A-Za-z0-9-]{10}',
      '[rs]k_(?:live|test)_[A-Za-z0-9]{16}',
      'sk-[A-Za-z0-9_-]{20}',
      'AIza[A-Za-z0-9_-]{35}',
      'eyJ[A-Za-z0-9_-]{8,4000}\\.eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8}',
    ].join('|')})`,
  ),
);
