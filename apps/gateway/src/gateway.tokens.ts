/** Injection tokens of the gateway. */
export const REFUSED = Symbol('RefusedStarts');
export const READ_MODEL = Symbol('ReadModel');
export const READ_MODEL_METRICS = Symbol('ReadModelMetrics');
export const INPUTS = Symbol('ReadModelInputs');
export const ANSWERS = Symbol('AnswerSlots');
export const ACCESS = Symbol('AccessLog');
export const APPENDER = Symbol('CommandAppender');
export const AUTHORITY = Symbol('CommandAuthority');
export const STARTER = Symbol('RunStarter');
export const COMMANDER = Symbol('RunCommander');
/** Signed heads of runs, as the audit stream tells them. */
export const HEADS = Symbol('Heads');
export const FINDER = Symbol('RunFinder');
export const APPROVAL_FINDER = Symbol('ApprovalFinder');
export const VOTE_CASTER = Symbol('VoteCaster');
export const REGISTRY = Symbol('RegistryCaller');
export const PUBLISHER = Symbol('ArtifactPublisher');
export const ACTIVATOR = Symbol('PolicyActivator');
export const KILL_SWITCH = Symbol('KillSwitch');
export const MODULE_PUBLICATION = Symbol('ModulePublication');
export const METRICS = Symbol('RequestMetrics');
export const LIFECYCLE = Symbol('GatewayLifecycle');
export const PARTITIONS = Symbol('Partitions');
