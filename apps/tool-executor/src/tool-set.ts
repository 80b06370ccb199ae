import type { Tool } from '@interlock/tools';

/** The tools this process has loaded, by what an arming pins. */
export interface ToolSet {
  byHash(toolHash: string): Tool | undefined;
}

export function toolSetOf(tools: readonly Tool[]): ToolSet {
  const byHash = new Map(tools.map((tool) => [tool.toolHash, tool]));
  return { byHash: (toolHash) => byHash.get(toolHash) };
}
