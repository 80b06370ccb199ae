import { runService } from '@interlock/service';
import { gatewayService } from './gateway.service.js';

await runService(gatewayService);
