import type { NewEvent, TopicMessage } from '@interlock/actors';
import {
  BrokenMessageError,
  type Catalogue,
  catalogueOf,
  type Message,
  type TopicSpec,
} from '@interlock/contracts';
import type { Meta } from '@interlock/log';

/** A message as a topic holds it. */
export interface Line {
  readonly message: TopicMessage;
  /** Why nobody can read it. */
  readonly problem?: string;
}

/** One topic in memory: what is said in it stands there as bytes would bring it, after its contract. */
export class TopicLines {
  readonly lines: Line[] = [];
  readonly messages: TopicMessage[] = [];
  readonly #catalogue: Catalogue;

  constructor(
    readonly spec: TopicSpec,
    readonly key: string,
  ) {
    this.#catalogue = catalogueOf(spec);
  }

  /** What breaks its contract is kept too: it is for readers to see. */
  append({ type, data, ref }: NewEvent, time: number, meta: Partial<Meta>): Line {
    const offset = this.lines.length;
    const place = { topic: this.spec.name, offset, part: 0, key: this.key };
    const id = meta.id ?? `${this.spec.name}/${offset}`;
    const full: Meta = {
      epoch: 1,
      index: offset,
      time,
      run: this.key,
      ...meta,
      id,
      ...(ref !== undefined && { ref }),
    };
    const line = this.#read({ type, data }, (message) => ({ ...message, ...place, meta: full }));
    this.lines.push(line);
    this.messages.push(line.message);
    return line;
  }

  #read({ type, data }: Message, placed: (message: Message) => TopicMessage): Line {
    const bytes = Buffer.from(JSON.stringify(this.#catalogue.recorded(type, data)));
    try {
      return { message: placed(this.#catalogue.parse(this.#catalogue.wireOf(type) ?? `${type}/1`, bytes)) };
    } catch (error) {
      if (!(error instanceof BrokenMessageError)) throw error;
      return { message: placed({ type, data: undefined }), problem: error.message };
    }
  }
}
