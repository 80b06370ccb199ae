import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface SourceImport {
  readonly file: string;
  /** As it is written: `zod`, `@interlock/log`, `../clock.js`. */
  readonly module: string;
  /** The whole statement imports types. */
  readonly isType: boolean;
  /** The file is a test, or something only tests use. */
  readonly inTest: boolean;
}

const statements = /^\s*(?:import|export)\s+(type\s)?[^;'`]*?from\s+'([^']+)'|^import\s+()'([^']+)'/gm;
const dynamic = /\bimport\('([^']+)'\)/g;

/** Every import of the TypeScript sources below `folder`, what is built aside. */
export function importsBelow(folder: string): SourceImport[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(^|\/)(dist|node_modules)\//.test(file))
    .flatMap((name) => {
      const file = relative('.', join(folder, name));
      const text = readFileSync(file, 'utf8');
      const inTest = isTest(file);
      return [
        ...[...text.matchAll(statements)].map(([, type, from, , alone]) => ({
          file,
          module: from ?? alone ?? '',
          isType: type !== undefined,
          inTest,
        })),
        ...[...text.matchAll(dynamic)].map(([, module = '']) => ({ file, module, isType: false, inTest })),
      ];
    });
}

const isTest = (file: string): boolean =>
  /\.(test|contract|fixture|scenario|bench)\.ts$|(^|\/)(test|contract)\//.test(file);
