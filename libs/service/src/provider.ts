import type { FactoryProvider } from '@nestjs/common';

/** An injection token that knows what is injected under it. */
export type Token<Injected> = symbol & { readonly injects: Injected };

export const token = <Injected>(name: string): Token<Injected> => Symbol(name) as Token<Injected>;

type InjectedBy<Tokens extends readonly symbol[]> = {
  [At in keyof Tokens]: Tokens[At] extends Token<infer Injected> ? Injected : never;
};

/** A provider whose factory takes what its tokens stand for; the compiler sees to it. */
export const provider = <Injected, const Tokens extends readonly Token<unknown>[]>(
  provide: Token<Injected>,
  inject: Tokens,
  useFactory: (...injected: InjectedBy<Tokens>) => NoInfer<Injected> | Promise<NoInfer<Injected>>,
): FactoryProvider => ({ provide, inject: [...inject], useFactory });
