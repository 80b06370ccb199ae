export { AllowListError, allowedHost, entryOf } from './allow.list.js';
export { type EgressCount, type EgressRefusal, EgressRefusedError } from './egress.error.js';
export { type Answer, EgressGuard, type EgressSettings, type OutgoingRequest } from './egress.guard.js';
