import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { limits } from './limits.js';
import type { Path, Report } from './problem.js';

/** Reports every key that a map of the YAML holds twice. Aliases are not followed: their target is visited itself. */
export function reportDuplicateKeys(node: unknown, report: Report, path: Path = []): void {
  if (isAlias(node) || path.length > limits.nestingMax + 1) return;
  if (isSeq(node)) {
    node.items.forEach((item, index) => {
      reportDuplicateKeys(item, report, [...path, index]);
    });
  }
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key);
    if (seen.has(name)) report([...path, name], `"${name}" is defined twice`);
    seen.add(name);
    reportDuplicateKeys(value, report, [...path, name]);
  }
}
