import type { CatalogueTool, LanguageCatalogue } from './catalogue.js';
import { pinCompensation, pinRecovery } from './compile.pins.js';
import type { CompiledCall } from './compiled.step.js';
import type { Path, Report } from './problem.js';

/** Why a reference names no tool. */
export const noTool = (reference: string, catalogue: LanguageCatalogue): string =>
  catalogue.whyNot?.('tool', reference) ?? `there is no tool "${reference}"`;

/** Pins a tool with all that recovers and undoes its calls. */
export function compileCall(
  at: Path,
  tool: CatalogueTool,
  attemptMs: number,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledCall {
  const recovery = pinRecovery(at, tool, catalogue, report);
  const compensate = pinCompensation(at, tool, catalogue, report);
  return {
    tool: tool.name,
    version: tool.version,
    toolHash: tool.hash,
    effect: tool.effect,
    timeoutMs: tool.timeoutMs,
    timeout: { attemptMs },
    ...(recovery === undefined ? {} : { recovery }),
    ...(compensate === undefined ? {} : { compensate }),
  };
}
