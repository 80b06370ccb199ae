import type { Failure, ValueAnswer } from '@interlock/contracts';
import { ExpressionError } from '@interlock/language';

/** A value that is kept outside of the log cannot be had or kept, or there is too much of it: what reads it has no value. */
export class UnreadableValue extends ExpressionError {
  constructor(readonly failure: Failure) {
    super('', failure.message);
    this.name = 'UnreadableValue';
  }
}

/** A store that is away may come back; one that has lost a value is looked at by people. */
export const unreadable = ({ code, message }: NonNullable<ValueAnswer['failed']>): UnreadableValue =>
  new UnreadableValue({ class: code === 'value.unavailable' ? 'transient' : 'internal', code, message });

export const tooMuch = (bytesMax: number): UnreadableValue =>
  new UnreadableValue({
    class: 'invalid_input',
    code: 'value.too_much',
    message: `it reads more than ${bytesMax} bytes of values that are kept outside of the log`,
  });
