/** What still keeps this process from being ready, by name. */
export class Readiness {
  readonly #checks = new Map<string, () => string | undefined>();

  /** @param check answers with what it waits for, or undefined */
  add(name: string, check: () => string | undefined): void {
    this.#checks.set(name, check);
  }

  waitingFor(): { readonly name: string; readonly for: string }[] {
    return [...this.#checks].flatMap(([name, check]) => {
      const reason = check();
      return reason === undefined ? [] : [{ name, for: reason }];
    });
  }

  get isReady(): boolean {
    return this.waitingFor().length === 0;
  }
}
