import { beforeEach, describe, expect, test } from 'vitest';
import { CallScenario, keyed, type RequestedCall, read } from './call.scenario.js';
import { toolSetOf } from './tool-set.js';

let scenario: CallScenario;
beforeEach(() => {
  scenario = new CallScenario();
});

describe.each([
  ['a write', keyed],
  ['a read', read],
])('%s whose tool is not loaded here in the version that its run has pinned', (_kind, tool) => {
  const held = (): RequestedCall => {
    scenario.tools = toolSetOf([]);
    const requestedCall = scenario.requestCall(tool);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.place_awaited']);
    return requestedCall;
  };

  test('is unavailable and waits, and its run is told so once: nothing is called, and it is no unsafe attempt', () => {
    const { meta } = held();
    expect(scenario.written).toMatchObject([
      { requestId: meta.id, kind: 'tool', for: expect.stringContaining(`${tool.manifest.name}@1`) },
    ]);
    expect([scenario.due(1_500), scenario.started]).toEqual([[], []]);
  });

  test('is refused as unavailable when its request is good no longer, so that its run asks anew', () => {
    held();
    expect(scenario.due(60_000)).toEqual(['tool.refused: unavailable']);
    expect(scenario.written.at(-1)).toMatchObject({ unsafe: false });
    expect(scenario.state).toBeUndefined();
  });

  test('goes on where a process has it', () => {
    const { meta } = held();
    scenario.tools = toolSetOf([tool]);
    scenario.crash();
    scenario.due(1_600);
    expect(scenario.started.map(({ id }) => id)).toEqual([meta.id]);
  });

  test('can be revoked while it waits', () => {
    expect(scenario.take(scenario.revoke(held()))).toEqual(['tool.refused: revoked']);
  });
});
