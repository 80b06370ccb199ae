import type { ModelSettings, Prices, Secret } from '@interlock/service';

/** A model this planner may ask, and how. */
export interface Model {
  /** As the endpoint knows it. */
  readonly name: string;
  /** Where the protocol is spoken, up to `/v1`. */
  readonly url: string;
  readonly key?: Secret;
  readonly prices: Prices;
  readonly answers: ModelSettings['INTERLOCK_MODEL_ANSWERS'];
  /** What the bound of an answer is called there. */
  readonly answerBound: 'max_completion_tokens' | 'max_tokens';
  readonly answerTokensMax: number;
  readonly temperature: number | 'none';
  readonly seed: number | 'none';
}

/** By `provider/name`. */
export interface Models {
  get(model: string): Model | undefined;
  /** Of every endpoint that may be asked. */
  readonly urls: readonly string[];
}

const OPENAI_URL = 'https://api.openai.com/v1';
/** These providers use the new name; all others know the older one. */
const newerBound = new Set(['openai', 'azure']);

interface Endpoint {
  readonly prefix: string;
  readonly url: string | undefined;
  readonly key: Secret | undefined;
  readonly prices: Prices | undefined;
}

/** The models that the settings describe, or what is missing in them. */
export function modelsOf(
  settings: ModelSettings,
  isProduction: boolean,
): Models | { readonly problems: string[] } {
  const { INTERLOCK_MODEL: first, INTERLOCK_MODEL_FALLBACK: second } = settings;
  const models = new Map<string, Model>();
  const problems: string[] = [];
  const main: Endpoint = {
    prefix: 'INTERLOCK_MODEL',
    url: settings.INTERLOCK_MODEL_URL ?? defaultUrl(first),
    key: settings.INTERLOCK_MODEL_KEY,
    prices: settings.INTERLOCK_MODEL_PRICES,
  };
  for (const [model, endpoint] of [
    [first, main],
    [second, fallbackEndpoint(settings, second, main)],
  ] as const) {
    if (model === undefined) continue;
    problems.push(...problemsOf(model, endpoint, isProduction));
    models.set(model, modelOf(model, endpoint, settings));
  }
  if (problems.length > 0) return { problems };
  return { get: (model) => models.get(model), urls: [...models.values()].map(({ url }) => url) };
}

const providerOf = (model: string): string => model.slice(0, model.indexOf('/'));

const defaultUrl = (model: string | undefined): string | undefined =>
  model !== undefined && providerOf(model) === 'openai' ? OPENAI_URL : undefined;

/** A key goes to the address it was given for, and to no other. */
function fallbackEndpoint(settings: ModelSettings, model: string | undefined, main: Endpoint): Endpoint {
  const isSame = providerOf(model ?? '') === providerOf(settings.INTERLOCK_MODEL ?? '');
  const url = settings.INTERLOCK_MODEL_FALLBACK_URL ?? (isSame ? main.url : defaultUrl(model));
  const sameKey = url === main.url ? main.key : undefined;
  return {
    prefix: 'INTERLOCK_MODEL_FALLBACK',
    url,
    key: settings.INTERLOCK_MODEL_FALLBACK_KEY ?? sameKey,
    prices: settings.INTERLOCK_MODEL_FALLBACK_PRICES ?? main.prices,
  };
}

function problemsOf(model: string, { prefix, url, key, prices }: Endpoint, isProduction: boolean): string[] {
  const problems: string[] = [];
  if (url === undefined)
    problems.push(`${prefix}_URL: missing; ${providerOf(model)} has no address of its own`);
  else if (isProduction && !staysPrivate(url))
    problems.push(`${prefix}_URL: production asks models by https, or on this machine`);
  if (url === OPENAI_URL && key === undefined)
    problems.push(`${prefix}_KEY: missing; ${new URL(url).host} answers nobody without`);
  if (prices === undefined)
    problems.push(
      `${prefix}_PRICES: missing; a budget cannot be kept without. 0,0 for a model that costs nothing`,
    );
  return problems;
}

function staysPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

const modelOf = (model: string, { url, key, prices }: Endpoint, settings: ModelSettings): Model => ({
  name: model.slice(model.indexOf('/') + 1),
  url: url ?? '',
  ...(key !== undefined && { key }),
  prices: prices ?? { input: 0, output: 0 },
  answers: settings.INTERLOCK_MODEL_ANSWERS,
  answerBound: newerBound.has(providerOf(model)) ? 'max_completion_tokens' : 'max_tokens',
  answerTokensMax: settings.INTERLOCK_MODEL_ANSWER_TOKENS_MAX,
  temperature: settings.INTERLOCK_MODEL_TEMPERATURE,
  seed: settings.INTERLOCK_MODEL_SEED,
});
