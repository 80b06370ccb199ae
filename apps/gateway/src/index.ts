export { GatewayModule } from './gateway.module.js';
export { gatewayService, listenForHttp, publishedAtStart, useGatewayHttp } from './gateway.service.js';
export { GatewayAdapter } from './http/gateway.adapter.js';
