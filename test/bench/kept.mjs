// What a system that has stopped leaves on the disk, by step.
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What processes print, and what the benchmark's own tool writes, is nobody's log. Kafka keeps its log in files of the same ending, in folders of its partitions. */
const isOfTheProgram = (path) => /(^|\/)[a-z-]+\.log$|(^|\/)lines\.txt$|\.(lock|pid)$/.test(path);

/** `{ file: bytes }` of everything under `dir`: the files of one folder together, those directly in it one by one. */
export function filesIn(dir) {
  const sizes = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = relative(dir, join(entry.parentPath, entry.name));
    if (!entry.isFile() || isOfTheProgram(path)) continue;
    const [folder, ...rest] = path.split('/');
    const name = rest.length > 1 ? `${folder}/${rest[0]}` : path;
    sizes[name] = (sizes[name] ?? 0) + statSync(join(dir, path)).size;
  }
  return sizes;
}

/**
 * @param files undefined: the log lies where nobody can look
 *
 * Bytes and records of every topic, and bytes of every file, over all steps that the log says were completed: those before the
 * measurements too.
 */
export function keptPerStep(topics, files) {
  const steps = topics['run.events'].types['step.completed/2'] ?? 0;
  const rows = Object.entries(topics).map(([name, { records, bytes }]) => [
    name,
    records / steps,
    bytes / steps,
  ]);
  const sum = (column) => rows.reduce((total, row) => total + row[column], 0);
  const bytesOf = Object.entries(files ?? {}).map(([name, bytes]) => [name, bytes / steps]);
  return {
    steps,
    topics: rows.filter(([, records]) => records > 0).sort((a, b) => b[2] - a[2]),
    records: sum(1),
    topicBytes: sum(2),
    files: bytesOf.filter(([, bytes]) => bytes >= 1).sort((a, b) => b[1] - a[1]),
    fileBytes: files && bytesOf.reduce((total, [, bytes]) => total + bytes, 0),
  };
}
