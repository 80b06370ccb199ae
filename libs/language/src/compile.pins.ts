import type { CatalogueTool, LanguageCatalogue } from './catalogue.js';
import type { CompiledCompensation, CompiledRecovery, ToolPin } from './compiled.step.js';
import type { Path, Report } from './problem.js';

const pinOf = ({ name, version, hash: toolHash, timeoutMs }: CatalogueTool): ToolPin => ({
  name,
  version,
  toolHash,
  timeoutMs,
});

/** How a call in doubt is cleared up, with the tool that is asked; `undefined` for a read, or after a report. */
export function pinRecovery(
  at: Path,
  tool: CatalogueTool,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledRecovery | undefined {
  const { recovery } = tool;
  const field = [...at, 'tool'];
  if (recovery === undefined) {
    if (tool.effect === 'write') report(field, `the write tool "${tool.name}" has no recovery mode`);
    return undefined;
  }
  if (recovery.by !== 'verify') return { ...recovery };
  const verify = catalogue.tool(recovery.tool);
  if (verify === undefined) {
    report(field, `"${tool.name}" is verified by "${recovery.tool}", and there is no such tool`);
    return undefined;
  }
  if (verify.effect !== 'read')
    report(field, `"${tool.name}" is verified by "${verify.name}", which is not a read`);
  return { by: 'verify', settleAfterMs: recovery.settleAfterMs, tool: pinOf(verify) };
}

/** The newest version of the tool that undoes a write. Undoing is a write itself, so it needs a recovery mode too. */
export function pinCompensation(
  at: Path,
  { name, effect, compensate }: CatalogueTool,
  catalogue: LanguageCatalogue,
  report: Report,
): CompiledCompensation | undefined {
  if (compensate === undefined || effect !== 'write') return undefined;
  const field = [...at, 'tool'];
  const tool = catalogue.tool(compensate.tool);
  if (tool === undefined) {
    report(field, `"${name}" is undone by "${compensate.tool}", and there is no such tool`);
    return undefined;
  }
  if (tool.effect !== 'write') {
    report(field, `"${name}" is undone by "${tool.name}", which is not a write`);
    return undefined;
  }
  const recovery = pinRecovery(at, tool, catalogue, report);
  return recovery && { tool: pinOf(tool), recovery };
}
