import { Problem, type ScheduleCommander } from '@interlock/commands';
import type { Identity } from '@interlock/contracts';
import {
  listSchedulesQuery,
  noQuery,
  scheduleBody,
  scheduleChangeBody,
  scheduleNameText,
  scheduleQuery,
} from '@interlock/contracts/http';
import { type Schedule, scheduleKey } from '@interlock/schedules';
import { Controller, Delete, Get, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, SCHEDULE_COMMANDER, SCHEDULES } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { bearerOf, callerOf, subjectOf } from '../http/auth.hook.js';
import { reaches, reachOf, requireRole } from '../http/identity.js';
import { pageJson } from '../http/page.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import type { ScheduleView } from './schedule.view.js';
import { listedSchedule, shownSchedule } from './shown.schedule.js';

/** What starts runs again and again. */
@Controller('v1/schedules')
export class SchedulesController {
  constructor(
    @Inject(SCHEDULES) private readonly schedules: ScheduleView,
    @Inject(SCHEDULE_COMMANDER) private readonly commander: ScheduleCommander,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const caller = callerOf(request);
    const query = readQuery(listSchedulesQuery, request.query);
    const readable = this.#readable(caller);
    await this.answers.take(reply.raw, subjectOf(caller));
    const now = Date.now();
    const shown = (schedule: Schedule) => listedSchedule(schedule, now);
    sendJson(reply, 200, pageJson(readable, { placeOf, shown }, query));
  }

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireRole(callerOf(request), 'operator');
    readQuery(noQuery, request.query);
    const body = read(scheduleBody, request.body, 'body');
    send(reply, 201, await this.commander.create(bearerOf(request), body));
  }

  @Get(':name')
  show(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { tenant } = readQuery(scheduleQuery, request.query);
    const isMeant = ({ id }: Schedule) =>
      id.name === name && (tenant === undefined || tenant === (id.tenant ?? ''));
    const [found, other] = this.#readable(callerOf(request)).filter(isMeant);
    if (found === undefined) throw unknown();
    if (other !== undefined)
      throw new Problem(
        'conflict',
        'Several tenants have a schedule of this name: say whose is meant with `tenant`.',
      );
    send(reply, 200, found);
  }

  @Patch(':name')
  async change(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireRole(callerOf(request), 'operator');
    readQuery(noQuery, request.query);
    const body = read(scheduleChangeBody, request.body, 'body');
    send(reply, 200, await this.commander.change(bearerOf(request), known(name), body));
  }

  @Delete(':name')
  async remove(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireRole(callerOf(request), 'operator');
    readQuery(noQuery, request.query);
    const schedule = await this.commander.remove(bearerOf(request), known(name));
    send(reply, 200, { ...schedule, phase: { kind: 'deleted' } });
  }

  #readable(caller: Identity): Schedule[] {
    const reach = reachOf(caller);
    return this.schedules.all().filter(({ id }) => reaches(reach, id.tenant ?? ''));
  }
}

/** Where a list goes on behind it. */
const placeOf = ({ id }: Schedule): string => scheduleKey(id);

const send = (reply: FastifyReply, status: number, schedule: Schedule): void =>
  sendJson(reply, status, JSON.stringify(shownSchedule(schedule, Date.now())));

const unknown = (): Problem => new Problem('unknown', 'There is no such schedule.');

function known(name: string): string {
  if (scheduleNameText.safeParse(name).success) return name;
  throw unknown();
}
