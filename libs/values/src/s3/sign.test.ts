import { expect, test } from 'vitest';
import { signed, type Unsigned } from './sign.js';

/*
 * The examples that AWS publishes for S3, "Examples: Signature Calculations in AWS Signature Version 4", with the credentials named there; without
 * the one whose `Range` is signed, which this store never sends. The last two are requests of ours, as botocore signs them.
 */

const place = {
  region: 'us-east-1',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
};
const at = '20130524T000000Z';
const host = 'https://examplebucket.s3.amazonaws.com';
const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const examples: readonly (readonly [what: string, request: Unsigned, names: string, signature: string])[] = [
  [
    'an object that is put, with a sign in its key that is written otherwise',
    {
      method: 'PUT',
      url: `${host}/test$file.text`,
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      },
      body: Buffer.from('Welcome to Amazon S3.'),
    },
    'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a parameter without a value',
    { method: 'GET', url: `${host}/?lifecycle`, headers: { 'x-amz-content-sha256': nothing } },
    'host;x-amz-content-sha256;x-amz-date',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a list of objects',
    { method: 'GET', url: `${host}/?max-keys=2&prefix=J`, headers: { 'x-amz-content-sha256': nothing } },
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
  [
    'a key that holds signs which are written otherwise',
    {
      method: 'GET',
      url: 'http://127.0.0.1:9000/guarded/values/run%252F%25C3%25BC%25201/abc',
      headers: { 'x-amz-content-sha256': nothing },
    },
    'host;x-amz-content-sha256;x-amz-date',
    'c07ebb04633087eac6f26487b0b0c6c248e749e3050e7451a792e6a5295dc3ae',
  ],
  [
    'a list of folders',
    {
      method: 'GET',
      url: 'http://127.0.0.1:9000/guarded/?list-type=2&prefix=values%2F&delimiter=%2F&max-keys=9',
      headers: { 'x-amz-content-sha256': nothing },
    },
    'host;x-amz-content-sha256;x-amz-date',
    'ce2f392ca5b6ef592327137ae22b167535cfc16f6aba8037665d23df3b45853d',
  ],
];

test.each(examples)('%s is signed as published', async (_what, request, names, signature) => {
  const { headers } = await signed({ ...request, at }, place);
  expect(headers.get('authorization')).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  );
});

test('another secret makes another signature', async () => {
  const [, [, request, , signature] = []] = examples;
  const other = { ...place, credentials: { ...place.credentials, secretAccessKey: 'another' } };
  const { headers } = await signed({ method: 'PUT', url: host, ...request, at }, other);
  expect(headers.get('authorization')).not.toContain(signature);
});
