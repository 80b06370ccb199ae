export { type ChildFault, setUpChild } from './child/child.setup.js';
export { type Death, ModuleProcess, type ModuleProcessOptions } from './child/module-process.js';
export * from './define-tool.js';
export * from './describe-modules.js';
export * from './failure.js';
export * from './http-status.error.js';
export {
  type LoadedModules,
  type LoadedWorkflow,
  loadModules,
  ModuleError,
  moduleFileOf,
} from './load-modules.js';
export {
  artifactsOf,
  bundleOf,
  moduleNameOf,
  type NewArtifact,
  type PublishedBundle,
} from './module.artifacts.js';
export * from './module.js';
export { withNames } from './policy.names.js';
export * from './tool.js';
