import { beforeEach, describe, expect, test } from 'vitest';
import { CallScenario, keyed, type RequestedCall, read } from '../call.scenario.js';

const away = { kind: 'failed', failure: { class: 'transient', code: 'http_503', message: '' } } as const;
let scenario: CallScenario;

beforeEach(() => {
  scenario = new CallScenario();
});

describe.each([
  ['a write', keyed],
  ['a read', read],
])('%s whose target is away', (_kind, tool) => {
  const about = (requestId: string) => ({ requestId, tool: tool.manifest.name, toolHash: tool.toolHash });
  const openCircuit = () => {
    for (const id of ['1', '2', '3']) scenario.circuits.ended(about(id), away);
  };
  const held = (): RequestedCall => {
    openCircuit();
    const requestedCall = scenario.requestCall(tool);
    scenario.take(requestedCall);
    expect(scenario.take(scenario.verdict(requestedCall))).toEqual(['tool.place_awaited']);
    return requestedCall;
  };
  const idsStarted = () => scenario.started.map(({ id }) => id);

  test('is held, and its run is told so once', () => {
    const { meta } = held();
    expect(scenario.written).toMatchObject([{ requestId: meta.id, kind: 'circuit' }]);
    expect([scenario.due(1_500), idsStarted(), scenario.state?.held]).toEqual([[], [], [meta.id]]);
  });

  test('asks whether it is back when an interval is over, and its run is told that too', () => {
    const { meta } = held();
    expect(scenario.due(3_000)[0]).toBe('tool.place_awaited');
    expect(scenario.written[1]).toEqual({ requestId: meta.id, kind: 'circuit' });
    expect([idsStarted(), scenario.state?.held]).toEqual([[meta.id], undefined]);
  });

  test('begins at once when another call has found it alive', () => {
    const { meta } = held();
    scenario.circuits.ended(about('other'), { kind: 'succeeded', output: {} });
    scenario.due(1_001);
    expect(idsStarted()).toEqual([meta.id]);
  });

  test('can be revoked while it is held', () => {
    expect(scenario.take(scenario.revoke(held()))).toEqual(['tool.refused: revoked']);
    expect([scenario.state, scenario.deferred]).toEqual([undefined, []]);
  });

  test('is refused as held when its request is good no longer', () => {
    held();
    expect(scenario.due(60_000)).toEqual(['tool.refused: circuit_open']);
    expect(scenario.state).toBeUndefined();
  });

  test('is started by the next host, which has found nothing away', () => {
    const { meta } = held();
    scenario.circuits.ended(about('other'), { kind: 'succeeded', output: {} });
    scenario.crash();
    expect(idsStarted()).toEqual([meta.id]);
  });
});
