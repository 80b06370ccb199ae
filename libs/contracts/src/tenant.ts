import type { Identity } from './run.commands.js';

/** Of those who look after the whole installation. With a role for it they cross the walls between tenants; nothing belongs to it. */
export const EVERY_TENANT = '*';

type Somebody = Pick<Identity, 'tenant' | 'roles'>;

/** Whether somebody belongs to the tenant or may act in its place. An absent tenant is one of its own, the default one. */
export const mayActIn = ({ tenant, roles }: Somebody, of: string | undefined): boolean =>
  tenant === EVERY_TENANT ? roles.includes('operator') : tenant === of;

export const mayReadIn = (by: Somebody, of: string | undefined): boolean =>
  mayActIn(by, of) || (by.tenant === EVERY_TENANT && by.roles.includes('auditor'));
