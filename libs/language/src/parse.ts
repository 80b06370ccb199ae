import { Buffer } from 'node:buffer';
import { errorText } from '@interlock/contracts';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { guardJson } from './json-guard.js';
import { limits } from './limits.js';
import { type Locate, type Path, type Problem, problemList, type Report } from './problem.js';
import { reportDuplicateKeys } from './yaml.keys.js';

export type Parsed =
  | { readonly ok: true; readonly value: unknown; readonly locate: Locate }
  | { readonly ok: false; readonly problems: Problem[] };

const nowhere: Locate = () => undefined;

/** Reads YAML or JSON text, or takes an object of the same form. Only plain, bounded JSON comes out. */
export function parseSource(source: unknown): Parsed {
  return typeof source === 'string' ? parseText(source) : parseObject(source);
}

function parseObject(value: unknown): Parsed {
  const { report, problems } = problemList(nowhere, limits.problemsMax);
  guardJson(value, report);
  if (problems.length === 0 && Buffer.byteLength(JSON.stringify(value) ?? '') > limits.documentBytesMax) {
    report([], tooLarge);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value, locate: nowhere };
}

const tooLarge = `the document is larger than ${limits.documentBytesMax / 1024} KB`;

function parseText(text: string): Parsed {
  if (Buffer.byteLength(text) > limits.documentBytesMax) {
    return { ok: false, problems: [{ path: '', message: tooLarge }] };
  }
  const lines = new LineCounter();
  // Uniqueness is checked below: the parser's own check is quadratic in the size of a map.
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    version: '1.2',
    logLevel: 'silent',
  });
  const syntax = syntaxProblems(document, lines);
  if (syntax.length > 0) return { ok: false, problems: syntax };

  const locate = locateIn(document, lines);
  const { report, problems } = problemList(locate, limits.problemsMax);
  reportDuplicateKeys(document.contents, report);
  const value = problems.length === 0 ? plainValue(document, report) : undefined;
  if (problems.length === 0) guardJson(value, report);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value, locate };
}

function syntaxProblems(document: Document.Parsed, lines: LineCounter): Problem[] {
  const found = [...document.errors, ...document.warnings].slice(0, limits.problemsMax);
  const tooDeep = found.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  return (tooDeep === undefined ? found : [tooDeep]).map(({ code, message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    const text = code === 'RESOURCE_EXHAUSTION' ? `nested deeper than ${limits.nestingMax} levels` : message;
    return { path: '', message: text, line, column: col };
  });
}

function plainValue(document: Document.Parsed, report: Report): unknown {
  try {
    return document.toJS({ maxAliasCount: limits.aliasesMax });
  } catch (error) {
    report([], errorText(error));
    return undefined;
  }
}

/** The position of the value at a path, or of the nearest thing around it that the text really holds. */
function locateIn(document: Document.Parsed, lines: LineCounter): Locate {
  return (path: Path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = offsetOf(document, path.slice(0, length), length < path.length);
      if (offset === undefined) continue;
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
    return undefined;
  };
}

/** A value on its own line below its key is located by the key, where people look first. */
function offsetOf(document: Document.Parsed, path: Path, missingBelow: boolean): number | undefined {
  const last = path.at(-1);
  const parent = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.findLast(({ key }) => isScalar(key) && key.value === last);
    const atKey = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
    const value = pair?.value;
    return isScalar(value) && !missingBelow ? (value.range?.[0] ?? atKey) : atKey;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
