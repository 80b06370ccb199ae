import { randomUUID } from 'node:crypto';
import {
  ChangeSchedule,
  CreateSchedule,
  DeleteSchedule,
  EVERY_TENANT,
  hashOf,
  type Identity,
  type MessageDefinition,
  type MessageOf,
  type ProblemKind,
  type ScheduleRefused,
  type ScheduleSpec,
} from '@interlock/contracts';
import type { ScheduleBody, ScheduleChangeBody } from '@interlock/contracts/http';
import type { CompiledWorkflow } from '@interlock/language';
import { type Schedule, type ScheduleId, scheduleKey } from '@interlock/schedules';
import { misfitOf } from '@interlock/schema';
import type { Bearer, OwnerAnswer, OwnerCaller, OwnerCommand } from '@interlock/service';
import { errorsAt } from './misfit.errors.js';
import { OwnerCommander } from './owner.commander.js';
import { Problem, refusedAs, tooLargeInput } from './problem.js';
import { severalIn, type WorkflowSource } from './run.starter.js';
import { changedSpec, newSpec } from './schedule.form.js';

/** Repeated in no event but those that say the whole schedule. */
const INPUT_BYTES_MAX = 64 * 1024;
const OF_TENANT_MAX = 500;

type Refusal = MessageOf<typeof ScheduleRefused>['data'];

const kindOf: Readonly<Record<Refusal['code'], ProblemKind>> = {
  schedule_forbidden: 'not-allowed',
  schedule_exists: 'conflict',
  unknown_schedule: 'unknown',
  schedule_changed: 'conflict',
  never_due: 'malformed',
  too_many_schedules: 'conflict',
  schedule_not_decided: 'internal',
};

/** @param spec that was asked for: that no time fits it is found by the orchestrator alone, and is said of the field that decides it */
const refusalOf =
  (spec?: ScheduleSpec) =>
  (answer: OwnerAnswer): Problem | undefined => {
    if (answer.type !== 'schedule.refused') return undefined;
    const { code, message } = answer.data;
    const errors = code === 'never_due' && spec !== undefined ? [{ path: fieldOfTime(spec), message }] : [];
    return new Problem(kindOf[code], message, errors, undefined, code);
  };

const fieldOfTime = ({ timing, hours }: ScheduleSpec): string => {
  if (hours !== undefined) return 'hours';
  return 'cron' in timing ? 'cron' : 'every';
};

/** Schedules as this process has read them. */
export interface KnownSchedules {
  find(id: ScheduleId): Schedule | undefined;
  /** How many the tenant has. */
  count(tenant: string | undefined): number;
}

/** Asks the orchestrator to keep, change and drop schedules. */
export class ScheduleCommander {
  constructor(
    readonly owner: Pick<OwnerCaller, 'ask' | 'door'>,
    readonly known: KnownSchedules,
    readonly workflows: WorkflowSource,
  ) {}

  /** @throws {Problem} malformed, unknown workflow, refused input, or the orchestrator refuses or has not answered */
  async create(
    bearer: Bearer,
    { commandId = randomUUID(), ...body }: ScheduleBody,
    signal?: AbortSignal,
  ): Promise<Schedule> {
    const id = idOf(bearer.by, body.name);
    const spec = newSpec(body);
    const before = this.known.find(id);
    if (before?.commands.includes(commandId)) return before;
    this.#requireStartable(spec);
    if (this.known.count(id.tenant) >= OF_TENANT_MAX)
      throw refusedAs('conflict', 'too_many_schedules', `There are ${OF_TENANT_MAX} schedules already.`);
    await this.#ask(CreateSchedule, bearer, id, { commandId, name: id.name, spec }, spec, signal);
    return this.#found(id);
  }

  /**
   * Makes a schedule what `body` says; whether it is paused is left to people, and so is one that they have made their own.
   * @param signal until it is aborted the orchestrator's answer is waited for: what it refuses later would be told to nobody
   * @throws {Problem} the same
   */
  async keep(bearer: Bearer, body: ScheduleBody, signal: AbortSignal): Promise<void> {
    if (await this.#isNew(bearer, body, signal)) return;
    const { spec: before, by, revision } = this.#found(idOf(bearer.by, body.name));
    if (by.sub !== bearer.by.sub) return;
    const spec = { ...newSpec(body), paused: before.paused };
    if (hashOf(spec) === hashOf(before)) return;
    this.#requireStartable(spec);
    const { name } = body;
    const command = { commandId: randomUUID(), name, spec, revision };
    await this.#ask(ChangeSchedule, bearer, idOf(bearer.by, name), command, spec, signal);
  }

  /** One that is known already is asked nothing about: what has not changed does not wait for the orchestrator. */
  async #isNew(bearer: Bearer, body: ScheduleBody, signal: AbortSignal): Promise<boolean> {
    const known = this.known.find(idOf(bearer.by, body.name));
    if (known !== undefined && known.phase.kind !== 'deleted') return false;
    try {
      await this.create(bearer, body, signal);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'schedule_exists') return false;
      throw error;
    }
  }

  /** @throws {Problem} the same, and unknown schedule */
  async change(bearer: Bearer, name: string, change: ScheduleChangeBody): Promise<Schedule> {
    const { commandId = randomUUID(), ...body } = change;
    const id = idOf(bearer.by, name);
    const before = this.#found(id);
    if (before.commands.includes(commandId)) return before;
    const spec = changedSpec(before.spec, body);
    if (spec.requestHash !== before.spec.requestHash) this.#requireStartable(spec);
    const { revision } = before;
    await this.#ask(ChangeSchedule, bearer, id, { commandId, name, spec, revision }, spec);
    return this.#found(id);
  }

  /** @returns the schedule as it was @throws {Problem} the same */
  async remove(bearer: Bearer, name: string): Promise<Schedule> {
    const id = idOf(bearer.by, name);
    const before = this.#found(id);
    await this.#ask(DeleteSchedule, bearer, id, { commandId: randomUUID(), name });
    return before;
  }

  #ask(
    definition: MessageDefinition,
    bearer: Bearer,
    id: ScheduleId,
    command: OwnerCommand,
    spec?: ScheduleSpec,
    signal?: AbortSignal,
  ): Promise<void> {
    const owner = new OwnerCommander(this.owner, scheduleKey(id), refusalOf(spec));
    return owner.ask(definition, bearer, command, signal);
  }

  #found(id: ScheduleId): Schedule {
    const found = this.known.find(id);
    if (found !== undefined && found.phase.kind !== 'deleted') return found;
    throw new Problem('unknown', `There is no schedule ${id.name}.`);
  }

  /** What is due later is checked again then. */
  #requireStartable({ workflow, version, input }: ScheduleSpec): void {
    const published = this.workflows.named('workflow', workflow, version);
    if (published === undefined) {
      const named = version === undefined ? workflow : `${workflow}@${version}`;
      const message = `There is no published workflow ${named}.${severalIn(this.workflows, workflow)}`;
      throw new Problem('unknown', message, [{ path: 'workflow', message }]);
    }
    if (Buffer.byteLength(JSON.stringify(input)) > INPUT_BYTES_MAX) throw tooLargeInput(INPUT_BYTES_MAX);
    const misfit = misfitOf((published.compiled as CompiledWorkflow).inputSchema, input);
    if (misfit === undefined) return;
    const errors = errorsAt('input', misfit);
    throw new Problem(
      'refused',
      `The input does not fit what the workflow ${workflow}@${published.version} takes.`,
      errors,
    );
  }
}

/** @throws {Problem} not-allowed: schedules belong to a tenant, as runs do */
function idOf({ tenant }: Identity, name: string): ScheduleId {
  if (tenant === EVERY_TENANT)
    throw new Problem('not-allowed', 'A schedule belongs to a tenant: use a token of that tenant.');
  return tenant === undefined ? { name } : { name, tenant };
}
