import { type Identity, isModule } from '@interlock/contracts';
import type { RegistrySettings } from './registry.state.js';

export const isAdmin = ({ roles }: Identity): boolean => roles.includes('admin');

/** Who may publish: an admin, and in development what modules bring. */
export const mayPublish = (by: Identity, { mode }: RegistrySettings): boolean =>
  isAdmin(by) || (mode === 'development' && isModule(by));
