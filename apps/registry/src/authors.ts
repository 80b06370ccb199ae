import { EVERY_TENANT, type Identity, isModule } from '@interlock/contracts';
import type { RegistrySettings } from './registry.state.js';

/** Artifacts and the bundle in force are the same for every tenant, so nobody of a single tenant may change them. */
export const isAdmin = ({ roles, tenant = EVERY_TENANT }: Identity): boolean =>
  roles.includes('admin') && tenant === EVERY_TENANT;

/** Who may publish: an admin, and in development what modules bring. */
export const mayPublish = (by: Identity, { mode }: Pick<RegistrySettings, 'mode'>): boolean =>
  isAdmin(by) || (mode === 'development' && isModule(by));
