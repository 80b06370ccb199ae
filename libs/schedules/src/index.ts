export * from './bulk/index.js';
export { cronProblem, isTimezone } from './cron.js';
export * from './due.js';
export { evolve as foldSchedules } from './evolve.js';
export { type Order, type OrderGiven, orderMessage, wireOf as orderWire } from './orders.js';
export * from './schedule.actor.js';
export { jitterOf, type ScheduleId, scheduleKey } from './schedule.id.js';
export * from './schedule.state.js';
export { QUEUE_MAX, SCHEDULES_MAX, type ScheduleSettings, type StartableWorkflow } from './settings.js';
