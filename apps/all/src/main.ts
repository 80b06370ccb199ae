import { ApprovalModule } from '@interlock/app-approval';
import { AuditModule } from '@interlock/app-audit';
import { gatewayService, listenForHttp, publishedAtStart } from '@interlock/app-gateway';
import { NotifierModule } from '@interlock/app-notifier';
import { OrchestratorModule } from '@interlock/app-orchestrator';
import { plannerService } from '@interlock/app-planner';
import { PolicyModule } from '@interlock/app-policy';
import { RegistryModule } from '@interlock/app-registry';
import { TelemetryModule } from '@interlock/app-telemetry';
import { ToolExecutorModule } from '@interlock/app-tool-executor';
import { runService } from '@interlock/service';

/** Every service in one process: what `npm start` runs on the embedded log. The gateway's address goes to standard output, and then what is published. */
await runService({
  ...gatewayService,
  name: 'interlock',
  modules: (configuration) => [
    RegistryModule,
    OrchestratorModule,
    ...plannerService.modules(configuration),
    PolicyModule,
    ToolExecutorModule,
    ApprovalModule,
    AuditModule,
    TelemetryModule,
    NotifierModule,
    ...gatewayService.modules(configuration),
  ],
  async listen(app, configuration, log) {
    await listenForHttp(app, configuration, log);
    process.stdout.write(`${JSON.stringify({ published: await publishedAtStart(app) })}\n`);
  },
});
