import { expect, test } from 'vitest';
import { AllowListError, allowedHost, entryFor, entryOf, hostOf, portOf } from './allow.list.js';

test.each([
  ['hooks.example.com:443', { host: 'hooks.example.com', port: 443, local: false }],
  ['Hooks.Example.COM.:443', { host: 'hooks.example.com', port: 443, local: false }],
  ['*.example.com:8443', { host: '*.example.com', port: 8443, local: false }],
  ['shop.internal:8443=local', { host: 'shop.internal', port: 8443, local: true }],
  ['localhost:9000', { host: 'localhost', port: 9000, local: true }],
  ['127.0.0.1:9000', { host: '127.0.0.1', port: 9000, local: true }],
  ['8.8.8.8:53', { host: '8.8.8.8', port: 53, local: false }],
  ['[::1]:9000', { host: '::1', port: 9000, local: true }],
  ['bücher.example:443', { host: 'xn--bcher-kva.example', port: 443, local: false }],
])('%s is an entry', (entry, expected) => {
  expect(allowedHost(entry)).toEqual(expected);
});

test.each([
  ['hooks.example.com', 'host:port'],
  ['hooks.example.com:0', '1 to 65535'],
  ['hooks.example.com:70000', '1 to 65535'],
  ['https://hooks.example.com:443', 'host:port'],
  ['user@hooks.example.com:443', 'no host'],
  ['hooks.example.com/x:443', 'no host'],
  ['*:443', 'no host'],
  ['*.com:443', 'whole domain'],
  ['*.10.0.0.1:443', 'not before an address'],
  ['::1:9000', 'host:port'],
  ['', 'host:port'],
])('%s is refused with a sentence', (entry, why) => {
  expect(() => allowedHost(entry)).toThrow(AllowListError);
  expect(() => allowedHost(entry)).toThrow(why);
});

const allows = (entry: string, url: string): boolean => {
  const place = new URL(url);
  return entryFor([allowedHost(entry)], hostOf(place), portOf(place)) !== undefined;
};

test('an entry allows its own host and port and nothing else', () => {
  expect(allows('hooks.example.com:443', 'https://hooks.example.com/in')).toBe(true);
  expect(allows('hooks.example.com:443', 'https://hooks.example.com:8443/in')).toBe(false);
  expect(allows('hooks.example.com:443', 'http://hooks.example.com/in')).toBe(false);
  expect(allows('hooks.example.com:443', 'https://evil-hooks.example.com/')).toBe(false);
  expect(allows('hooks.example.com:443', 'https://hooks.example.com.evil.test/')).toBe(false);
});

test('a star allows every name below a domain, and not the domain itself', () => {
  expect(allows('*.example.com:443', 'https://a.b.example.com/')).toBe(true);
  expect(allows('*.example.com:443', 'https://example.com/')).toBe(false);
  expect(allows('*.example.com:443', 'https://badexample.com/')).toBe(false);
});

test.each([
  'http://2130706433:9000/',
  'http://0x7f.1:9000/',
  'http://0177.0.0.1:9000/',
  'http://127.1:9000/',
])('%s is the address that it means', (url) => {
  expect(allows('127.0.0.1:9000', url)).toBe(true);
});

test.each([
  ['https://Hooks.example.com/x', false, 'hooks.example.com', 443, false],
  ['http://hooks.example.com./x', false, 'hooks.example.com', 80, false],
  ['http://shop.internal:8080/', true, 'shop.internal', 8080, true],
  ['http://10.0.0.1/', true, '10.0.0.1', 80, true],
  ['https://[::1]:9000/', true, '::1', 9000, true],
])('the entry of %s (local: %s) lets it be reached', (address, local, host, port, isLocal) => {
  const entry = allowedHost(entryOf(new URL(address), { local }));
  expect(entry).toEqual({ host, port, local: isLocal });
  expect(entryFor([entry], hostOf(new URL(address)), portOf(new URL(address)))).toBe(entry);
});
