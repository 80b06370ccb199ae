import { hashOf, type Influence, type PolicyDecided, reasonOf } from '@interlock/contracts';
import {
  type Answer,
  atLeast,
  type Bundle,
  denied,
  digestOf,
  type Floor,
  type Question,
} from '@interlock/policy';
import type { z } from 'zod';
import { ActiveBundle } from './active-bundle.js';
import { findingsIn } from './detectors/findings.js';
import { type PublishedArtifacts, PublishedTools } from './published-tools.js';
import { PublishedWorkflows } from './published-workflows.js';

export type Verdict = z.output<typeof PolicyDecided.schema>;
export type Subject = Pick<Verdict, 'checkId' | 'point' | 'requestId' | 'planId' | 'callHash'> & {
  readonly influencedBy?: readonly Influence[];
};

/** What is named as the bundle when there was none to ask. */
export const NO_BUNDLE = 'none';

/** Asks the active bundle, and denies if it cannot be asked. */
export class Asking {
  readonly tools: PublishedTools;
  readonly workflows: PublishedWorkflows;
  readonly #active: ActiveBundle;

  constructor(private readonly artifacts: PublishedArtifacts) {
    this.tools = new PublishedTools(artifacts);
    this.workflows = new PublishedWorkflows(artifacts);
    this.#active = new ActiveBundle(artifacts);
  }

  readonly bundle = (): Bundle | undefined => this.#active.current();

  /** Why there is no bundle to ask, and what to do about it. */
  #missing(): string {
    return this.artifacts.activePolicy() === undefined
      ? 'no policy bundle is in force: publish one, and put it into force with `interlock policy activate HASH --reason TEXT`'
      : 'the policy bundle in force is unusable: activate another';
  }

  findingsIn(value: unknown, { hosts }: Bundle): readonly string[] {
    return findingsIn(value, { hosts, isToolName: (name) => this.tools.isName(name) });
  }

  /** @param floor what people must grant whatever the bundle says */
  asked(subject: Subject, questionOf: (bundle: Bundle) => Question, given: unknown, floor?: Floor): Verdict {
    const bundle = this.bundle();
    if (bundle === undefined) return this.unasked(subject, this.#missing(), given);
    const question = questionOf(bundle);
    const answer = bundle.ask(question);
    const stricter = floor === undefined ? answer : atLeast(answer, floor);
    return verdictOf(subject, stricter, bundle.hash, digestOf(bundle.hash, question, floor));
  }

  /** A deny without a question to policy. Its digest is over the bundle and the given facts. */
  unasked(subject: Subject, reason: string, given: unknown): Verdict {
    const bundle = this.bundle()?.hash ?? NO_BUNDLE;
    return verdictOf(subject, denied(reason), bundle, hashOf({ bundle, given }));
  }
}

function verdictOf(
  { influencedBy = [], ...subject }: Subject,
  answer: Answer,
  bundle: string,
  inputDigest: string,
): Verdict {
  const { verdict, approval, redact, policies, reason } = answer;
  return {
    ...subject,
    verdict,
    ...(approval !== undefined && { approval }),
    ...(redact.length > 0 && { redact: [...redact] }),
    bundle,
    policies: [...policies],
    ...(reason !== reasonOf({ verdict, policies }) && { reason }),
    ...(influencedBy.length > 0 && { influencedBy: [...influencedBy] }),
    inputDigest,
    mode: 'enforce',
  };
}
