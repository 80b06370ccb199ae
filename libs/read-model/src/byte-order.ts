/** Whether `a` comes before `b` by its UTF-8 bytes, which is how SQLite and Redis order text. */
export const isLess = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
