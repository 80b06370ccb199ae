import { inputFrom } from '@interlock/actors';
import {
  approvalEvents,
  catalogueOf,
  planEvents,
  policyEvents,
  readersOf,
  runCheckpoints,
  runCommands,
  runEvents,
  type ToolManifest,
  toolEvents,
} from '@interlock/contracts';
import { decodeState, encodeState, type RunState, runActor } from '@interlock/run';
import {
  ActorsModule,
  ARTIFACTS,
  type ArtifactView,
  agentSettingsOf,
  CONFIGURATION,
  type Configuration,
  type ServiceSpec,
} from '@interlock/service';
import { Module } from '@nestjs/common';

/** Drives every run. The only writer of `run.events`. */
@Module({
  imports: [ActorsModule.host<RunState>({ inject: [ARTIFACTS, CONFIGURATION], spec: orchestratorSpec })],
})
export class OrchestratorModule {}

export function orchestratorSpec(
  artifacts: ArtifactView,
  configuration: Configuration,
): ServiceSpec<RunState> {
  return {
    service: 'orchestrator',
    topic: runEvents.name,
    witnesses: readersOf(runEvents),
    numbered: true,
    actor: runActor({
      workflow: (hash) => artifacts.byHash(hash),
      tool: (hash) => artifacts.byHash(hash)?.document as ToolManifest | undefined,
      agents: agentSettingsOf(configuration),
      clockSkewMs: configuration.clockSkewMs,
    }),
    events: catalogueOf(runEvents),
    cache: { topic: runCheckpoints.name, codec: { encode: encodeState, decode: decodeState } },
    commands: { topic: runCommands, role: 'operator' },
    inputs: [runCommands, policyEvents, toolEvents, planEvents, approvalEvents].map(inputFrom),
  };
}
