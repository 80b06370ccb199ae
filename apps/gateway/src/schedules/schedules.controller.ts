import { Problem, type ScheduleCommander } from '@interlock/commands';
import type { Identity } from '@interlock/contracts';
import { noQuery, scheduleBody, scheduleChangeBody, scheduleNameText } from '@interlock/contracts/http';
import type { Schedule } from '@interlock/schedules';
import { Controller, Delete, Get, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SCHEDULE_COMMANDER, SCHEDULES } from '../gateway.tokens.js';
import { bearerOf, callerOf } from '../http/auth.hook.js';
import { reaches, reachOf, requireRole } from '../http/identity.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import type { ScheduleView } from './schedule.view.js';
import { shownSchedule } from './shown.schedule.js';

/** What starts runs again and again. */
@Controller('v1/schedules')
export class SchedulesController {
  constructor(
    @Inject(SCHEDULES) private readonly schedules: ScheduleView,
    @Inject(SCHEDULE_COMMANDER) private readonly commander: ScheduleCommander,
  ) {}

  @Get()
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    readQuery(noQuery, request.query);
    const items = this.#readable(callerOf(request)).map(shown);
    sendJson(reply, 200, JSON.stringify({ items }));
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
    readQuery(noQuery, request.query);
    const found = this.#readable(callerOf(request)).find(({ id }) => id.name === name);
    if (found === undefined) throw unknown();
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

const shown = (schedule: Schedule) => shownSchedule(schedule, Date.now());

const send = (reply: FastifyReply, status: number, schedule: Schedule): void =>
  sendJson(reply, status, JSON.stringify(shown(schedule)));

const unknown = (): Problem => new Problem('unknown', 'There is no such schedule.');

function known(name: string): string {
  if (scheduleNameText.safeParse(name).success) return name;
  throw unknown();
}
