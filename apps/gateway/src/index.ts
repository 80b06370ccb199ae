export { GatewayModule } from './gateway.module.js';
export { gatewayService, listenForHttp, policyAtStart, useGatewayHttp } from './gateway.service.js';
export { GatewayAdapter } from './http/gateway.adapter.js';
