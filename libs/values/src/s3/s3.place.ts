/** Where a bucket is, and who asks. */
export interface S3Place {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const FORM = 'is `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`';
const KNOWN = new Set(['region', 'endpoint']);

/**
 * `s3://BUCKET/PREFIX?region=REGION&endpoint=URL`; region and endpoint may also come from AWS_REGION and AWS_ENDPOINT_URL_S3, and the
 * credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
 * @throws {TypeError} a sentence for whoever wrote it
 */
export function s3PlaceOf(url: string, environment: Environment): S3Place {
  if (!URL.canParse(url)) throw new TypeError(FORM);
  const { hostname: bucket, pathname, searchParams } = new URL(url);
  const unknown = [...searchParams.keys()].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new TypeError(`${FORM}: it knows no ${unknown}`);
  if (bucket === '') throw new TypeError(`${FORM}, and names no bucket`);
  const region = searchParams.get('region') ?? environment.AWS_REGION ?? 'us-east-1';
  const endpoint =
    searchParams.get('endpoint') ??
    environment.AWS_ENDPOINT_URL_S3 ??
    environment.AWS_ENDPOINT_URL ??
    `https://s3.${region}.amazonaws.com`;
  if (!/^https?:\/\/[^/?#@]+\/?$/.test(endpoint))
    throw new TypeError(`${FORM}: its endpoint is an address like https://s3.example.org`);
  const folder = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  return {
    endpoint: endpoint.replace(/\/$/, ''),
    bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    region,
    credentials: credentialsIn(environment),
  };
}

function credentialsIn(environment: Environment): S3Place['credentials'] {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN,
  } = environment;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new TypeError('needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment');
  return {
    accessKeyId,
    secretAccessKey,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
