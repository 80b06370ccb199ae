/** A name as a policy sees it: Cedar would read `__entity` and `__extn` as its own notation, and data must not be able to forge an entity. */
export const cedarKey = (key: string): string => (/^\\*__/.test(key) ? `\\${key}` : key).toWellFormed();
