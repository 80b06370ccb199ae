import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EditorDocument, editorSchemaFile } from '@interlock/cases';

/** Where this product lies: the types that a module is written against are read from there. */
const product = fileURLToPath(new URL('../../../../', import.meta.url));
const template = join(product, 'apps', 'cli', 'template');

export type WorkflowForm = 'yaml' | 'typescript';

/** The files of a new module, by their paths in its folder. */
export function laidOutFiles(folder: string, form: WorkflowForm): ReadonlyMap<string, string> {
  const documents: readonly EditorDocument[] = ['workflow', 'table', 'cases', 'policy-tests'];
  return new Map([
    ...filesIn(join(template, 'all')),
    ...filesIn(join(template, form)),
    ...documents.map((document) => {
      const [name, text] = editorSchemaFile(document);
      return [`schemas/${name}`, text] as const;
    }),
    ['tsconfig.json', `${JSON.stringify(compilerSettings(folder), null, 2)}\n`],
  ]);
}

const filesIn = (folder: string): (readonly [path: string, text: string])[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(folder, file), readFileSync(file, 'utf8')]);

/** For editors and `tsc`: a module runs without a build. */
function compilerSettings(folder: string) {
  const inProduct = (path: string): string => {
    const from = relative(folder, join(product, path));
    return from.startsWith('.') ? from : `./${from}`;
  };
  return {
    compilerOptions: {
      target: 'es2024',
      module: 'esnext',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [inProduct('node_modules/@types')],
      paths: { '@interlock/module': [inProduct('libs/module/dist/index.d.ts')] },
    },
    include: ['.'],
  };
}
