/** Whether a path is the one that is written; `lines[*]/charge` stands for every one of its items, `poll#*` for every round. */
export function isStep(written: string, path: string): boolean {
  if (!written.includes('*')) return written === path;
  const pattern = written.split('*').map(escaped).join('\\d+');
  return new RegExp(`^${pattern}$`).test(path);
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Whether a tool is the one that is written: by its whole name, or without the name of its module. */
export const isTool = (written: string, tool: string): boolean =>
  tool === written || tool.endsWith(`/${written}`);
