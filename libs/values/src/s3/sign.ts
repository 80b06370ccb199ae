import { AwsV4Signer } from 'aws4fetch';
import type { S3Place } from './s3.place.js';

export interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** `YYYYMMDDTHHMMSSZ`. Absent: now. */
  readonly at?: string;
}

/** The request as S3 takes it: AWS Signature, version 4, in its headers. */
export async function signed(
  { method, url, headers, body, at }: Unsigned,
  { region, credentials }: Pick<S3Place, 'region' | 'credentials'>,
): Promise<{ readonly url: string; readonly headers: Headers }> {
  const request = await new AwsV4Signer({
    method,
    url,
    service: 's3',
    region,
    ...credentials,
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body: Buffer.from(body) }),
    ...(at !== undefined && { datetime: at }),
  }).sign();
  return { url: request.url.href, headers: request.headers };
}
