import { fieldOf } from '@interlock/contracts';
import { z } from 'zod';

/** What a tool's input may not hold, and where it stands: `input.lines[].sku`. */
export interface InputFlaw {
  readonly path: string;
  readonly message: string;
}

/** Of every sort of schema, each with fields of its own. */
type Definition = z.core.$ZodTypeDef;

/** Types that turn what they are given into something else. */
const changing: Readonly<Record<string, string>> = {
  transform: 'a transformation',
  catch: 'catch()',
  success: 'success()',
  promise: 'a promise',
};

const inUnion =
  'a default inside of a union is never filled in: put it around the union, or leave it to the tool’s code';

/**
 * What keeps a zod schema from being the input of a tool. A call is judged, approved and hashed by the tool's manifest, so
 * the code must get what the manifest says and nothing else: no schema of it may change a value, and each default must be
 * the same in every process.
 */
export function inputFlaws(schema: z.ZodType): InputFlaw[] {
  const walk = new Walk();
  walk.visit(schema, 'input', false);
  return walk.flaws;
}

class Walk {
  readonly flaws: InputFlaw[] = [];
  /** By whether it stood in a union, where more is refused. */
  readonly #seen = { true: new Set<unknown>(), false: new Set<unknown>() };

  visit(schema: unknown, path: string, isInUnion: boolean): void {
    const seen = this.#seen[`${isInUnion}`];
    if (!(schema instanceof z.core.$ZodType) || seen.has(schema)) return;
    seen.add(schema);
    const definition = schema._zod.def;
    const refuse = (what: string) => void this.flaws.push({ path, message: what });
    const changes = changeIn(definition);
    if (changes !== undefined) refuse(`${changes} changes what the tool is given: do it in the tool’s code`);
    if (definition.type === 'default' || definition.type === 'prefault') {
      if (isInUnion) refuse(inUnion);
      else if (isComputed(definition))
        refuse('the default is computed: only a constant is the same in every process');
    }
    for (const [part, name, entersUnion] of partsOf(definition))
      this.visit(part, path + name, isInUnion || entersUnion);
  }
}

/** What the schema would do to a value. */
function changeIn(definition: Definition): string | undefined {
  if (fieldOf(definition, 'coerce') === true) return 'coercion';
  if (definition.type === 'pipe' && typeof fieldOf(definition, 'transform') === 'function') return 'a codec';
  if (fieldOf(definition, 'normalize') === true) return 'normalize';
  const overwrites = listIn(definition, 'checks').some((check) => checkName(check) === 'overwrite');
  return overwrites ? 'trim(), toLowerCase() or another overwrite' : changing[definition.type];
}

const checkName = (check: unknown): unknown => fieldOf(fieldOf(fieldOf(check, '_zod'), 'def'), 'check');

/** Enough for a millisecond to pass, where the clock goes at all. */
const TURNS_MAX = 100_000;

/** Zod calls a function for a default each time it is read; it may tell the time. */
function isComputed(definition: Definition): boolean {
  const read = () => JSON.stringify(fieldOf(definition, 'defaultValue'));
  const before = read();
  const at = Date.now();
  for (let turn = 0; turn < TURNS_MAX && Date.now() === at; turn += 1);
  return read() !== before;
}

const listIn = (definition: Definition, field: string): readonly unknown[] => {
  const list = fieldOf(definition, field);
  return Array.isArray(list) ? list : [];
};

const made = (getter: unknown): unknown => (typeof getter === 'function' ? getter() : undefined);

type Part = readonly [schema: unknown, path: string, isUnion: boolean];

function partsOf(definition: Definition): Part[] {
  const one = (key: string, path = ''): Part[] =>
    key in definition ? [[fieldOf(definition, key), path, false]] : [];
  switch (definition.type) {
    case 'object':
      return [
        ...Object.entries(fieldOf(definition, 'shape') ?? {}).map(
          ([key, part]): Part => [part, `.${key}`, false],
        ),
        ...one('catchall', '.*'),
      ];
    case 'union':
      return listIn(definition, 'options').map((option, at): Part => [option, `|${at}`, true]);
    case 'nullable':
      return [[fieldOf(definition, 'innerType'), '', true]];
    case 'tuple':
      return [
        ...listIn(definition, 'items').map((item, at): Part => [item, `[${at}]`, false]),
        ...one('rest', '[]'),
      ];
    case 'lazy':
      return [[made(fieldOf(definition, 'getter')), '', false]];
    default:
      return [
        ...one('innerType'),
        ...one('element', '[]'),
        ...one('left'),
        ...one('right'),
        ...one('in'),
        ...one('out'),
        ...one('keyType', '.*'),
        ...one('valueType', '.*'),
      ];
  }
}
