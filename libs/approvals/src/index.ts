export * from './approval.actor.js';
export { APPROVALS_MAX, APPROVALS_OPEN_MAX, EXPIRES_AFTER_MS } from './approval.open.js';
export type { Approval, ApprovalState } from './approval.state.js';
