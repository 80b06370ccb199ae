const literal = /^export const env\s*(?::[^=\n]{0,100})?=\s*\[([^\][]{0,20000})\]/m;
const quoted = /^\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)")\s*$/;

/**
 * The settings that a module's text declares, if it does so in the plain way: `export const env = ['NAME', ...]`. It saves a process: the
 * module can be loaded with them at once. Whether they are right only its code says.
 */
export function namesDeclaredIn(text: string): readonly string[] {
  const list = literal.exec(text)?.[1]?.trim();
  if (list === undefined || list === '') return [];
  const names = list
    .replace(/,$/, '')
    .split(',')
    .map((one) => quoted.exec(one));
  return names.every((found) => found !== null) ? names.map((found) => found[1] ?? found[2] ?? '') : [];
}
