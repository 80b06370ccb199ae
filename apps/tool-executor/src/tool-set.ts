import type { ToolManifest } from '@interlock/contracts';

/** A tool as far as it is needed to decide on a call: what it promises. Its code runs elsewhere. */
export interface PinnedTool {
  readonly manifest: ToolManifest;
  readonly toolHash: string;
}

/** The tools that can be performed here, by what a request pins. */
export interface ToolSet {
  byHash(toolHash: string): PinnedTool | undefined;
}

export function toolSetOf(tools: readonly PinnedTool[]): ToolSet {
  const byHash = new Map(tools.map((tool) => [tool.toolHash, tool]));
  return { byHash: (toolHash) => byHash.get(toolHash) };
}
