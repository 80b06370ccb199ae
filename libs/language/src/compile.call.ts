import type { CatalogueTool, LanguageCatalogue } from './catalogue.js';
import { pinCompensation, pinRecovery } from './compile.pins.js';
import type { CompiledCall } from './compiled.step.js';
import type { Report } from './problem.js';

/** Pins a tool with all that recovers and undoes its calls. */
export function compileCall(
  id: string,
  tool: CatalogueTool,
  attemptMs: number,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledCall {
  const recovery = pinRecovery(id, tool, catalogue, report);
  const compensate = pinCompensation(id, tool, catalogue, report);
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
