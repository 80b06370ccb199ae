// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format

/** A step of a random workflow, as its document has it. */
export interface Step {
  readonly id: string;
  readonly kind: 'tool' | 'decide' | 'wait' | 'approval' | 'agent';
  readonly needs: readonly string[];
  readonly fallback?: string;
  readonly standsInFor: readonly string[];
  readonly body: Record<string, unknown>;
}

export interface RandomWorkflow {
  readonly document: Record<string, unknown>;
  readonly tables: readonly Record<string, unknown>[];
  readonly steps: readonly Step[];
}

type Random = () => number;

/** What every step but a wait and an approval gives: a text that carries whatever it was made of, and a choice. */
const given = { v: 'by the rules', choice: 'a' };
const output = {
  type: 'object',
  required: ['v', 'choice'],
  additionalProperties: false,
  properties: { v: { type: 'string', maxLength: 400 }, choice: { enum: ['a', 'b'] } },
};

/** A workflow of tools, tables, waits, approvals and agents that need, read, condition and stand in for one another. */
export function randomWorkflow(random: Random, name: string): RandomWorkflow {
  return new Builder(random, name).build();
}

class Builder {
  readonly #steps: Step[] = [];
  readonly #tables: Record<string, unknown>[] = [];
  /** Sometimes so few that a model can use them up. */
  readonly #toolCalls: number;

  constructor(
    readonly random: Random,
    readonly name: string,
  ) {
    this.#toolCalls = this.#chance(0.2) ? 4 : 80;
  }

  build(): RandomWorkflow {
    const count = 3 + this.#upTo(7);
    for (let at = 0; at < count; at += 1) this.#add(`s${at}`, this.#someOf(this.#main(), 0.45), []);
    const steps = Object.fromEntries(this.#steps.map(({ id, body }) => [id, body]));
    const document = {
      workflow: this.name,
      version: 1,
      purpose: 'Be unlike any other.',
      input: { type: 'object' },
      budget: {
        tokens: 200_000,
        costUsd: 20,
        steps: 60,
        toolCalls: this.#toolCalls,
        duration: 'P2D',
      },
      steps,
    };
    return { document, tables: this.#tables, steps: this.#steps };
  }

  /** Fallbacks are needed by nobody. */
  #main(): string[] {
    return this.#steps.filter(({ standsInFor }) => standsInFor.length === 0).map(({ id }) => id);
  }

  #add(id: string, needs: readonly string[], standsInFor: readonly string[]): void {
    const kind = this.#kind(standsInFor.length > 0);
    const visible = this.#before(needs, standsInFor);
    const takesBack = kind !== 'wait' && standsInFor.length === 0 && this.#chance(0.4);
    const fallback = takesBack && this.#chance(0.6) ? `${id}f` : undefined;
    const value = { ...given, ...(this.#chance(0.5) && { v: this.#text(visible) }) };
    const onFailure = fallback === undefined ? { value } : { fallback };
    const body = {
      ...(needs.length > 0 && { needs }),
      ...(this.#chance(0.25) && visible.length > 0 && { when: this.#condition(visible) }),
      ...(takesBack && { onFailure }),
      ...this.#work(id, kind, visible),
    };
    this.#steps.push({ id, kind, needs, standsInFor, body, ...(fallback !== undefined && { fallback }) });
    if (fallback !== undefined) this.#add(fallback, this.#someOf(needs, 0.6), [id]);
  }

  #kind(isFallback: boolean): Step['kind'] {
    const chance = this.random();
    if (chance < 0.25) return 'agent';
    if (chance < 0.65) return 'tool';
    if (chance < 0.8) return 'decide';
    return chance < 0.93 || isFallback ? 'approval' : 'wait';
  }

  /** Steps with a result to read that have ended before one with these needs starts. */
  #before(needs: readonly string[], standsInFor: readonly string[]): string[] {
    const found = new Set<string>();
    const enter = (id: string): void => {
      const step = this.#steps.find((one) => one.id === id);
      if (step === undefined || found.has(id)) return;
      found.add(id);
      for (const need of step.needs) enter(need);
    };
    for (const need of [...needs, ...standsInFor.flatMap((owner) => this.#needsOf(owner))]) enter(need);
    const readable = new Set(
      this.#steps.filter(({ kind }) => kind !== 'wait' && kind !== 'approval').map(({ id }) => id),
    );
    return [...found].filter((id) => readable.has(id));
  }

  #needsOf(id: string): readonly string[] {
    return this.#steps.find((one) => one.id === id)?.needs ?? [];
  }

  #work(id: string, kind: Step['kind'], visible: readonly string[]): Record<string, unknown> {
    switch (kind) {
      case 'tool':
        return { tool: this.#chance(0.7) ? 'any.write' : 'any.read', with: this.#arguments(id, visible) };
      case 'decide':
        return { decide: this.#table(id, visible) };
      case 'wait':
        return { wait: { for: 'PT1S' } };
      case 'approval':
        return {
          approval: {
            question: `Shall ${id} go on?`,
            ...(visible.length > 0 && { details: this.#details(visible) }),
            approvers: ['lead'],
          },
        };
      case 'agent':
        return {
          agent: {
            goal:
              visible.length > 0 && this.#chance(0.5) ? `Look at ${this.#value(visible)}.` : 'Do something.',
            facts: { seen: this.#text(visible) },
            tools: this.#chance(0.6) ? ['any.write', 'any.read'] : [],
            output,
            budget: { tokens: 60_000, costUsd: 4, steps: 4, toolCalls: Math.min(6, this.#toolCalls) },
            minConfidence: 0.2,
            approvers: ['lead', 'clerk'],
            baseline: { decide: this.#table(id, visible) },
          },
        };
    }
  }

  #arguments(id: string, visible: readonly string[]) {
    const fails = visible.length > 0 && this.#chance(0.3);
    return {
      step: id,
      v: this.#text(visible),
      fail: fails ? `\${${this.#condition(visible)}}` : this.#chance(0.1),
    };
  }

  #table(id: string, visible: readonly string[]) {
    const table = `${this.name}-${id}`;
    const when = visible.length > 0 && this.#chance(0.7) ? 'input.choice == "b"' : 'false';
    this.#tables.push({
      name: table,
      version: 1,
      rules: [{ when, then: { v: `\${input.v}`, choice: 'b' } }],
      otherwise: { v: 'otherwise', choice: this.#chance(0.5) ? 'a' : 'b' },
    });
    const read = visible.length > 0 ? this.#any(visible) : undefined;
    return {
      table,
      with:
        read === undefined
          ? given
          : { v: `\${steps.${read}.output.v}`, choice: `\${steps.${this.#any(visible)}.output.choice}` },
    };
  }

  #details(visible: readonly string[]) {
    const shown = this.#any(visible);
    if (this.#chance(0.4)) return { all: `\${steps.${shown}.output}` };
    return { v: `\${steps.${shown}.output.v}`, isB: `\${steps.${this.#any(visible)}.output.choice == "b"}` };
  }

  #condition(visible: readonly string[]): string {
    const step = this.#any(visible);
    return this.#chance(0.7) ? `steps.${step}.output.choice == "b"` : `steps.${step}.status == "completed"`;
  }

  #text(visible: readonly string[]): string {
    return visible.length > 0 && this.#chance(0.7) ? `of ${this.#value(visible)}` : 'a constant';
  }

  #value(visible: readonly string[]): string {
    return `\${steps.${this.#any(visible)}.output.v}`;
  }

  #chance(share: number): boolean {
    return this.random() < share;
  }

  #upTo(most: number): number {
    return Math.floor(this.random() * most);
  }

  #any<Item>(items: readonly Item[]): Item {
    return items[this.#upTo(items.length)] as Item;
  }

  #someOf(items: readonly string[], share: number): string[] {
    const recent = items.slice(-4);
    return recent.filter(() => this.#chance(share));
  }
}
