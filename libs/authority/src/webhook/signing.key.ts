/** Secrets by the names that documents and modules give them. Never shown, and never listed. */
export type Secrets = Readonly<Record<string, string | undefined>>;

/** Who sees one signed request can try keys as fast as they can hash: a short one is soon found. */
export const SIGNING_KEY_CHARS_MIN = 16;

/** The key of this name; undefined: there is none, or it is too short to sign with. */
export function signingKeyIn(secrets: Secrets, name: string): string | undefined {
  const key = secrets[name];
  return key === undefined || key.length < SIGNING_KEY_CHARS_MIN ? undefined : key;
}
