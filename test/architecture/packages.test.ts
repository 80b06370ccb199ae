import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsBelow } from './source.imports.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const manifestOf = (folder: string): Manifest => readJson(join(folder, 'package.json'));

const folders = ['libs', 'apps']
  .flatMap((group) => readdirSync(group).map((one) => join(group, one)))
  .filter((folder) => existsSync(join(folder, 'package.json')));
const root = manifestOf('.');
const packages = new Map(folders.map((folder) => [folder, manifestOf(folder)]));
const versions = new Map([...packages.values()].map(({ name, version }) => [name, version]));

/** Nest loads them itself, from next to it: whoever brings Nest brings them. */
const peersOfNest = ['rxjs', 'reflect-metadata'];

describe.each([...packages])('%s', (folder, manifest) => {
  const shipped = Object.keys(manifest.dependencies ?? {});
  const forTests = [...shipped, ...Object.keys({ ...manifest.devDependencies, ...root.devDependencies })];
  const imports = importsBelow(folder)
    .map((found) => ({ ...found, package: packageOf(found.module) }))
    .filter((found) => isForeign(found.module) && found.package !== manifest.name);

  test('imports only what its package.json declares', () => {
    const undeclared = imports.filter(
      (found) => !(found.inTest ? forTests : shipped).includes(found.package),
    );
    expect(undeclared).toEqual([]);
  });

  test('declares nothing that it does not import', () => {
    const used = new Set([...imports.map((found) => found.package), ...peersOfNest]);
    const inProduct = new Set([
      ...imports.filter(({ inTest }) => !inTest).map((found) => found.package),
      ...peersOfNest,
    ]);
    expect(shipped.filter((name) => !inProduct.has(name))).toEqual([]);
    expect(Object.keys(manifest.devDependencies ?? {}).filter((name) => !used.has(name))).toEqual([]);
  });

  test('is built after the packages of ours that it declares', () => {
    const { references = [] } = readJson<{ references?: { path: string }[] }>(join(folder, 'tsconfig.json'));
    const built = references.map(({ path }) => manifestOf(join(folder, path)).name);
    const ours = shipped.filter((name) => versions.has(name));
    expect(ours.filter((name) => !built.includes(name))).toEqual([]);
  });
});

test('every dependency is pinned to one version, the same in every package', () => {
  const declared = [root, ...packages.values()].flatMap(({ name, dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies }).map((entry) => ({ name, entry })),
  );
  const first = new Map(declared.map(({ entry }) => entry).reverse());
  const wrong = declared.filter(
    ({ entry: [name, version] }) =>
      version !== (versions.get(name) ?? first.get(name)) || !/^(npm:\S+@)?\d+\.\d+\.\d+$/.test(version),
  );
  expect(wrong).toEqual([]);
});

test('nest-cli.json builds every application, by its own tsconfig.json', () => {
  interface Project {
    readonly entryFile: string;
    readonly compilerOptions: { readonly tsConfigPath: string };
  }
  const { projects } = readJson<{ projects: Record<string, Project> }>('nest-cli.json');
  const built = Object.entries(projects).map(([name, { entryFile, compilerOptions }]) => [
    join('apps', name, 'src', `${entryFile}.ts`),
    compilerOptions.tsConfigPath,
  ]);
  const applications = readdirSync('apps').map((name) => join('apps', name));
  expect(built).toEqual(applications.map((app) => [join(app, 'src', 'main.ts'), join(app, 'tsconfig.json')]));
  expect(built.flat().filter((file) => !existsSync(file))).toEqual([]);
});

test('the lockfile names no address that packages come from', () => {
  const { packages: locked } = readJson<{ packages: Record<string, { resolved?: string }> }>(
    'package-lock.json',
  );
  const addresses = Object.values(locked).flatMap(({ resolved }) => resolved ?? []);
  expect(addresses.filter((address) => !/^(libs|apps)\//.test(address))).toEqual([]);
});

const isForeign = (module: string): boolean => !module.startsWith('.') && !module.startsWith('node:');

function packageOf(module: string): string {
  const [scope = '', name = ''] = module.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
