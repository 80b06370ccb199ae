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

const refusalIn = (answer: OwnerAnswer): Problem | undefined =>
  answer.type === 'schedule.refused'
    ? refusedAs(kindOf[answer.data.code], answer.data.code, answer.data.message)
    : undefined;

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
  async create(bearer: Bearer, { commandId = randomUUID(), ...body }: ScheduleBody): Promise<Schedule> {
    const id = idOf(bearer.by, body.name);
    const spec = newSpec(body);
    const before = this.known.find(id);
    if (before?.commands.includes(commandId)) return before;
    this.#requireStartable(spec);
    if (this.known.count(id.tenant) >= OF_TENANT_MAX)
      throw refusedAs('conflict', 'too_many_schedules', `There are ${OF_TENANT_MAX} schedules already.`);
    await this.#ask(CreateSchedule, bearer, id, { commandId, name: id.name, spec });
    return this.#found(id);
  }

  /**
   * Makes a schedule what `body` says; whether it is paused is left to people, and so is one that they have made their own.
   * @throws {Problem} the same
   */
  async keep(bearer: Bearer, body: ScheduleBody): Promise<void> {
    const isNew = await this.#isNew(bearer, body);
    const { spec: before, by, revision } = this.#found(idOf(bearer.by, body.name));
    if (isNew || by.sub !== bearer.by.sub) return;
    const spec = { ...newSpec(body), paused: before.paused };
    if (hashOf(spec) === hashOf(before)) return;
    this.#requireStartable(spec);
    const { name } = body;
    await this.#ask(ChangeSchedule, bearer, idOf(bearer.by, name), {
      commandId: randomUUID(),
      name,
      spec,
      revision,
    });
  }

  async #isNew(bearer: Bearer, body: ScheduleBody): Promise<boolean> {
    try {
      await this.create(bearer, body);
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
    await this.#ask(ChangeSchedule, bearer, id, { commandId, name, spec, revision });
    return this.#found(id);
  }

  /** @returns the schedule as it was @throws {Problem} the same */
  async remove(bearer: Bearer, name: string): Promise<Schedule> {
    const id = idOf(bearer.by, name);
    const before = this.#found(id);
    await this.#ask(DeleteSchedule, bearer, id, { commandId: randomUUID(), name });
    return before;
  }

  #ask(definition: MessageDefinition, bearer: Bearer, id: ScheduleId, command: OwnerCommand): Promise<void> {
    return new OwnerCommander(this.owner, scheduleKey(id), refusalIn).ask(definition, bearer, command);
  }

  #found(id: ScheduleId): Schedule {
    const found = this.known.find(id);
    if (found !== undefined && found.phase.kind !== 'deleted') return found;
    throw new Problem('unknown', `There is no schedule ${id.name}.`);
  }

  /** What is due later is checked again then. */
  #requireStartable({ workflow, version, input }: ScheduleSpec): void {
    const published = this.workflows.named('workflow', workflow, version);
    if (published === undefined)
      throw new Problem(
        'unknown',
        `There is no published workflow ${workflow}${version === undefined ? '' : `@${version}`}.${severalIn(this.workflows, workflow)}`,
      );
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
