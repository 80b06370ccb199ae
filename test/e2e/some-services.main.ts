import { ApprovalModule } from '@interlock/app-approval';
import { AuditModule } from '@interlock/app-audit';
import { gatewayService } from '@interlock/app-gateway';
import { NotifierModule } from '@interlock/app-notifier';
import { OrchestratorModule } from '@interlock/app-orchestrator';
import { PlannerModule } from '@interlock/app-planner';
import { PolicyModule } from '@interlock/app-policy';
import { RegistryModule } from '@interlock/app-registry';
import { TelemetryModule } from '@interlock/app-telemetry';
import { ToolExecutorModule } from '@interlock/app-tool-executor';
import { runService } from '@interlock/service';

/**
 * Some of the services in one process, the way `apps/all` runs every one of them:
 *
 *   node test/e2e/some-services.main.ts registry policy tool-executor
 *
 * Prints its address when it listens.
 */
const modules = {
  registry: RegistryModule,
  orchestrator: OrchestratorModule,
  planner: PlannerModule,
  policy: PolicyModule,
  'tool-executor': ToolExecutorModule,
  approval: ApprovalModule,
  audit: AuditModule,
  telemetry: TelemetryModule,
  notifier: NotifierModule,
};
const wanted = process.argv.slice(2);
const withGateway = wanted.includes('gateway');
const ours = wanted
  .filter((name) => name !== 'gateway')
  .map((name) => {
    const known = modules[name as keyof typeof modules];
    if (known === undefined) throw new Error(`no service ${name}`);
    return known;
  });

await runService({
  ...(withGateway ? gatewayService : {}),
  name: wanted.join('+'),
  modules: (configuration) => [...ours, ...(withGateway ? gatewayService.modules(configuration) : [])],
});
