import { hash } from 'node:crypto';
import type { Actor, Context, Decision, Effect, TopicMessage } from '@interlock/actors';
import {
  ApprovalRequested,
  endsForGood,
  FormOpened,
  type MessageOf,
  NoticeDelivered,
  NoticeDue,
  type NoticeEvent,
  NoticeFailed,
  NoticeGivenUp,
  type NoticeKind,
  type NotificationHook,
  OperatorEscalated,
  QuestionAsked,
  RunClosed,
  RunFollowed,
  RunLapsed,
  RunMigrated,
  RunParked,
  RunStarted,
  RunUnfollowed,
  runEvents,
  SlaBreached,
  StepParked,
  terminalEvents,
  typesOf,
} from '@interlock/contracts';
import { type Delivery, deliveryId, evolve, type FollowedRun, type Notice } from './notice.state.js';

const told = [
  RunStarted,
  ApprovalRequested,
  FormOpened,
  QuestionAsked,
  StepParked,
  RunParked,
  SlaBreached,
  OperatorEscalated,
  RunMigrated,
  ...terminalEvents,
  RunClosed,
  RunLapsed,
] as const;
type Told = MessageOf<(typeof told)[number]>;

/** What became of an attempt. */
export type Attempt =
  | { readonly kind: 'delivered' }
  /** `isFinal`: the receiver wants nothing more. */
  | { readonly kind: 'failed'; readonly because: string; readonly isFinal: boolean };

export interface Attempted {
  readonly noticeId: string;
  readonly hook: string;
  readonly attempt: Attempt;
}

/** What an attempt sends, besides the hook itself. */
export interface Sending {
  readonly notice: Notice;
  readonly hook: string;
  readonly runId: string;
  readonly run: FollowedRun['run'];
}

export interface NoticeSettings {
  readonly hooks: readonly NotificationHook[];
  /** Before the second attempt, ms; doubles up to an hour. */
  readonly firstDelayMs: number;
  /** After which nobody tries any more, ms. */
  readonly giveUpMs: number;
}

const DELAY_MS_MAX = 3_600_000;
/** Notices of one run that may be on their way to hooks; those of its ends are let through all the same. */
export const ON_THE_WAY_MAX = 5_000;

/** Decides what is told of a run, and to whom, again and again until it has arrived or a day has passed. */
export function noticeActor(settings: NoticeSettings): Actor<FollowedRun, Told, NoticeEvent, Attempted> {
  const telling = new Set(settings.hooks.flatMap(({ by }) => by?.workflow ?? []));
  // A run that tells of others is told of by no tool, or each mail would lead to another one.
  const wants = (hook: NotificationHook, run: FollowedRun['run']) =>
    !(hook.by !== undefined && telling.has(run.workflow.name)) &&
    (hook.tenant === '*' || hook.tenant === run.tenant) &&
    (hook.workflows === undefined || hook.workflows.includes(run.workflow.name));
  return {
    name: 'notices',
    inputs: { [runEvents.name]: settings.hooks.length === 0 ? new Set() : typesOf(...told) },
    key: ({ meta }) => meta.run,

    decide(input, state, context, key) {
      if (input.kind === 'message') return { events: onEvent(input.message, state, context.now) };
      if (state === undefined) return { events: [] };
      if (input.kind === 'result') return { events: onAttempt(input.result, state, context.now) };
      return { events: [], start: dueOf(state, context).map((one) => effectOf(one, state, key)) };
    },

    /** Whoever waits for nothing is told nothing: what cannot be decided on is left out, and stands in the log of the process. */
    answerFault: (): Decision<NoticeEvent> => ({ events: [] }),
    evolve: (state, event) => evolve(state, event, event.time),
    due(state, { isRunning }) {
      let first: number | undefined;
      for (const [id, { next }] of state?.deliveries ?? [])
        if (!isRunning(id) && (first === undefined || next < first)) first = next;
      return first;
    },
  };

  function onEvent(message: TopicMessage<Told>, state: FollowedRun | undefined, now: number): NoticeEvent[] {
    if (message.type === 'run.started') {
      const { workflow, by } = message.data;
      const run = {
        workflow: { name: workflow.name, version: workflow.version },
        ...(by.tenant !== undefined && { tenant: by.tenant }),
      };
      return state === undefined && settings.hooks.some((hook) => wants(hook, run)) ? [RunFollowed(run)] : [];
    }
    if (state === undefined) return [];
    if (message.type === 'run.migrated') {
      const { name, version } = message.data.workflow;
      return [RunFollowed({ ...state.run, workflow: { name, version } })];
    }
    if (message.type === 'run.closed' || message.type === 'run.lapsed') return [RunUnfollowed({})];
    const told = tell(noticeOf(message), state, now);
    return endsForGood(message) ? [...told, RunUnfollowed({})] : told;
  }

  function tell(notice: Notice, { run, deliveries }: FollowedRun, now: number): NoticeEvent[] {
    // A notifier that reads a log from its start, or was away for long, tells nobody of what is long over.
    if (now - notice.at >= settings.giveUpMs) return [];
    const kinds = kindsOf(notice);
    const hooks = settings.hooks
      .filter((hook) => kinds.some((kind) => hook.on.includes(kind)) && wants(hook, run))
      .map(({ name }) => name);
    if (hooks.length === 0) return [];
    if (deliveries.size < ON_THE_WAY_MAX || notice.kind === 'ended') return [NoticeDue({ ...notice, hooks })];
    const { noticeId } = notice;
    return hooks.map((hook) => NoticeGivenUp({ noticeId, hook, because: TOO_MANY, at: now }));
  }

  function onAttempt({ noticeId, hook, attempt }: Attempted, state: FollowedRun, now: number): NoticeEvent[] {
    const id = deliveryId(noticeId, hook);
    const delivery = state.deliveries.get(id);
    if (delivery === undefined) return [];
    if (attempt.kind === 'delivered') return [NoticeDelivered({ noticeId, hook, at: now })];
    const { because, isFinal } = attempt;
    const { until = Infinity } = delivery.notice.question ?? {};
    if (isFinal || now >= until || now - delivery.since >= settings.giveUpMs)
      return [NoticeGivenUp({ noticeId, hook, because, at: now })];
    return [NoticeFailed({ noticeId, hook, because, again: now + delayOf(id, delivery.attempts) })];
  }

  /** Between half and the whole of it: the same for the same attempt, so replay agrees. */
  function delayOf(id: string, attempts: number): number {
    const most = Math.min(DELAY_MS_MAX, settings.firstDelayMs * 2 ** Math.min(attempts, 30));
    const share = hash('sha256', `${id}/${attempts}`, 'buffer').readUInt16BE(0) / 0xffff;
    return Math.round(most * (0.5 + share / 2));
  }

  function dueOf({ deliveries }: FollowedRun, { now, isRunning }: Context): Delivery[] {
    return [...deliveries].flatMap(([id, one]) => (one.next <= now && !isRunning(id) ? [one] : []));
  }
}

const effectOf = ({ notice, hook }: Delivery, { run }: FollowedRun, runId: string): Effect => ({
  id: deliveryId(notice.noticeId, hook),
  kind: 'deliver',
  data: { notice, hook, runId, run } satisfies Sending,
});

const TOO_MANY = `${ON_THE_WAY_MAX} notices of this run are on their way already`;

/** A run that is late, and waits for an operator therefore, is told of as both. */
const kindsOf = ({ kind, waitsFor }: Notice): readonly NoticeKind[] =>
  waitsFor === undefined ? [kind] : [kind, 'waiting'];

/** Of a question that a system is to bring to somebody, what it takes for that; of any other only that somebody is asked. */
function askedOf(
  { to, text, until, channel }: MessageOf<typeof QuestionAsked>['data'],
  { noticeId: id }: Pick<Notice, 'noticeId'>,
): Pick<Notice, 'kind' | 'waitsFor' | 'question'> {
  const waitsFor = 'conversation';
  return channel.kind === 'webhook'
    ? { kind: 'asked', waitsFor, question: { id, to, text, until } }
    : { kind: 'waiting', waitsFor };
}

/** Nothing of what the run holds, but for the question of a model that a hook is to bring to somebody. */
function noticeOf(
  message: TopicMessage<
    Exclude<Told, { type: 'run.started' | 'run.migrated' | 'run.closed' | 'run.lapsed' }>
  >,
): Notice {
  const { run = '', seq = 0, time: at } = message.meta;
  const about = { noticeId: `${run}/${seq}`, at };
  switch (message.type) {
    case 'approval.requested':
      return { ...about, kind: 'waiting', status: 'waiting', step: message.data.step, waitsFor: 'approval' };
    case 'form.opened':
      return { ...about, kind: 'waiting', status: 'waiting', step: message.data.step, waitsFor: 'form' };
    case 'question.asked':
      return { ...about, status: 'waiting', step: message.data.step, ...askedOf(message.data, about) };
    case 'step.parked':
      return { ...about, kind: 'waiting', status: 'waiting', step: message.data.step, waitsFor: 'operator' };
    case 'operator.escalated': {
      const { step } = message.data;
      const waits = { ...about, kind: 'waiting', status: 'waiting', waitsFor: 'operator' } as const;
      return step === undefined ? waits : { ...waits, step };
    }
    case 'sla.breached': {
      const { step, action } = message.data;
      if (step !== undefined) return { ...about, kind: 'breached', status: 'running', step };
      return action === 'escalate'
        ? { ...about, kind: 'breached', status: 'paused', waitsFor: 'operator' }
        : { ...about, kind: 'breached', status: 'running' };
    }
    case 'run.parked':
      return { ...about, kind: 'waiting', status: 'waiting', waitsFor: 'operator' };
    default:
      return { ...about, kind: 'ended', status: message.type.slice('run.'.length) };
  }
}
