import { fullFormats } from 'ajv-formats/dist/formats.js';

interface Format {
  readonly of: 'string' | 'number';
  check(value: string | number): boolean;
}

/** The formats of JSON Schema and of OpenAPI. Any other one is an annotation. */
const formats: ReadonlyMap<string, Format> = new Map(
  Object.entries(fullFormats).flatMap(([name, format]) => {
    const made = formatFrom(format);
    return made === undefined ? [] : [[name, made] as const];
  }),
);

function formatFrom(format: (typeof fullFormats)[keyof typeof fullFormats]): Format | undefined {
  if (typeof format === 'boolean' || typeof format === 'string') return undefined;
  const validate = 'validate' in format ? format.validate : format;
  if ('type' in format && format.type === 'number') {
    const isFit = validate as (value: number) => boolean;
    return { of: 'number', check: (value) => isFit(Number(value)) };
  }
  if (validate instanceof RegExp) return { of: 'string', check: (value) => validate.test(String(value)) };
  const isFit = validate as (value: string) => boolean;
  return { of: 'string', check: (value) => isFit(String(value)) };
}

/** Characters that are checked in one step, by a format that passes over its text once. */
const CHARS_A_STEP = 8;
/** `url` goes back to each character of a text that is none. */
const SQUARES_A_STEP = 50;

/** What checking the format may cost, steps. */
const costOf = (name: string, { length }: string): number =>
  Math.ceil(name === 'url' ? length ** 2 / SQUARES_A_STEP : length / CHARS_A_STEP);

/** @param spend called with the steps that the check takes, before it is made */
export function hasFormat(name: string, value: unknown, spend: (steps: number) => void): boolean {
  const format = formats.get(name);
  if (typeof value === 'string' && format?.of === 'string') {
    spend(costOf(name, value));
    return format.check(value);
  }
  return typeof value !== 'number' || format?.of !== 'number' || format.check(value);
}
