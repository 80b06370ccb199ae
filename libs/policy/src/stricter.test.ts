import { describe, expect, test } from 'vitest';
import { isStricter } from './stricter.js';

const permit = { id: 'permit', text: 'permit(principal, action, resource);' };
const forbid = { id: 'no-mail', text: 'forbid(principal, action, resource == Tool::"mail.send");' };
const active = { policies: [permit] };

describe('a bundle is stricter than the one in force', () => {
  test('when it only forbids more', () => {
    expect(isStricter({ policies: [permit, forbid] }, active)).toBe(true);
    expect(isStricter({ policies: [forbid, permit] }, active)).toBe(true);
  });

  test.each<[string, object]>([
    ['permits more', { policies: [permit, { id: 'more', text: permit.text }] }],
    ['lacks a policy', { policies: [forbid] }],
    ['says a policy otherwise', { policies: [{ ...permit, text: `${permit.text} ` }, forbid] }],
    ['says a policy under another id', { policies: [{ ...permit, id: 'other' }, forbid] }],
    ['turns a permit into a forbid', { policies: [{ ...forbid, id: 'permit' }] }],
    ['lets links lead elsewhere', { policies: [permit, forbid], hosts: ['evil.example'] }],
    ['brings another schema', { policies: [permit, forbid], schema: {} }],
    ['is no bundle', { policies: 'all' }],
    [
      'hides a permit behind a forbid',
      { policies: [permit, { id: 'x', text: `${forbid.text} ${permit.text}` }] },
    ],
  ])('but not when it %s', (_name, candidate) => {
    expect(isStricter(candidate, active)).toBe(false);
  });
});
