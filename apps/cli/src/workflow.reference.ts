import { UsageError } from './command.js';

/** @throws {UsageError} it is no name with or without a version */
export function parseReference(reference: string): { workflow: string; version: number | undefined } {
  const [workflow = '', version, ...rest] = reference.split('@');
  if (workflow === '' || rest.length > 0 || (version !== undefined && !/^[1-9]\d*$/.test(version))) {
    throw new UsageError(`${reference} names no workflow: write NAME or NAME@VERSION`);
  }
  return { workflow, version: version === undefined ? undefined : Number(version) };
}
